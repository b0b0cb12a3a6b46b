"""How large a person's SAML response becomes: too many roles, and AWS refuses it.

Sources: STS API Reference, AssumeRoleWithSAML (SAMLAssertion: 100,000 characters); Okta support,
"AWS account federation fails due to SAML response size limit" (128 KB at the sign-in page).
"""

from access import request_context
from access.model import AccessModel

API_LIMIT = 100_000
"""Characters of base64 that AssumeRoleWithSAML takes."""
PAGE_LIMIT = 128 * 1024
"""Bytes that the sign-in page takes."""

_FRAME = 7_500
"""Characters of a response without roles and tags: two signatures with a certificate each of an RSA
key of 2,048 bits, as Okta makes them, addresses and times. Measured, and a little more."""
_VALUE = len(
    '<saml2:AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">'
    "</saml2:AttributeValue>"
)
_TAG = _VALUE + 250
"""A session tag: an attribute of its own, with a name and a value of ordinary length."""


def response_size(model: AccessModel, login: str) -> int:
    """Characters in base64 of the person's response, rather too many than too few.

    Okta declares both namespaces in each value again, so each value counts with them.
    """
    stack = model.stack
    pairs = 0
    for grant in model.offered_roles[login]:
        provider_arn = stack.saml_provider_arns(grant.account_role)[0]
        pairs += _VALUE + len(f"{provider_arn},{stack.role_arn(grant.account_role)}")
    sent = len(request_context.tags(stack, login)) + bool(stack.app.source_identity)
    return -(-(_FRAME + pairs + sent * _TAG) // 3) * 4
