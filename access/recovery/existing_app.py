"""Before the first update: an app of the stack's label that the state does not hold.

A preview can't say so: Okta takes two apps of one label, and the provider's look-ups make an error
of the ordinary case, no app of the label.
"""

import os
from collections.abc import Collection, Iterator

from access.findings.finding import Finding, Severity
from access.recovery.duplicates import AWS, apps_of_label
from access.verification.okta_org import Org
from settings import Settings

RULE = "app-exists"


def org_is_set() -> bool:
    """Whether the variables of the Okta provider name an org."""
    return any(os.environ.get(name) for name in ("OKTA_ORG_NAME", "OKTA_HTTP_PROXY"))


def findings(stack: Settings, ids_in_state: Collection[str], org: Org) -> Iterator[Finding]:
    """Raises SettingsError if Okta can't be read."""
    ours = {account.saml_provider_arn(stack.app.provider) for account in stack.accounts.values()}
    for app in apps_of_label(org, AWS, stack.app.label):
        if app.id in ids_in_state:
            continue
        message = f"Okta has app {app.id} of this label, and the state does not hold it"
        if app.provider_arn in ours:
            fix = "`python -m access recover` says whether to adopt or to delete it"
        else:
            owner = app.provider_arn or "no SAML provider"
            fix = f"it is another stack's ({owner}): choose another label"
        yield Finding(Severity.ERROR, RULE, "app.label", stack.app.label, message, fix)
