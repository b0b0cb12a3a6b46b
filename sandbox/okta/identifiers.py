"""Okta's ids: a prefix that tells the kind, 20 word characters in all.

The published provider's rate governor recognises ids by that length.
"""

import secrets
import string

LENGTH = 20
_ALPHABET = string.ascii_letters + string.digits

APP = "0oa"
EXTERNAL_KEY = "exk"
GROUP = "00g"
POLICY = "rst"
RULE = "rul"
GROUP_RULE = "0pr"
USER = "00u"


def new(prefix: str, length: int = LENGTH) -> str:
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(length - len(prefix)))
