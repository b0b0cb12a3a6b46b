"""What Okta's catalogue app `amazon_aws` is configured with, and the names of Okta's group rules.

Sources: the app's settings as Okta answers them; IAM User Guide, "Configure SAML assertions for the
authentication response".
"""

import hashlib
import re
from collections.abc import Collection, Mapping
from typing import Any

from okta_aws_federation.group_names import DEFAULT_APP_FILTER, DEFAULT_FILTER

ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes"
_RULE_NAME_LENGTH = 50


def app_settings(
    *,
    provider_arn: str,
    environment: str,
    login_url: str,
    session_hours: int,
    acs_url: str | None = None,
    join_all_roles: bool = False,
    group_filter: str | None = None,
    role_path: str = "/",
    app_filter: str = DEFAULT_APP_FILTER,
    allowed_client: Any = None,
) -> dict[str, Any]:
    """`settings.app`: Okta's eight defaults and the provider's ARN, and what else is configured.

    Every default is written out: one that is left out comes back non-null from Okta and shows as a
    change for ever. So would a null or an empty string. A `group_filter` turns group mapping on;
    `allowed_client` may be known later (a Pulumi Output).
    """
    settings = {
        "appFilter": app_filter,
        "awsEnvironmentType": environment,
        "groupFilter": group_filter or DEFAULT_FILTER,
        "identityProviderArn": provider_arn,
        "joinAllRoles": join_all_roles,
        "loginURL": login_url,
        "roleValuePattern": role_value_pattern(provider_arn, role_path),
        "sessionDuration": session_hours * 3600,
        "useGroupMapping": group_filter is not None,
    }
    optional = {"overrideAcsURL": acs_url, "webSSOAllowedClient": allowed_client}
    return settings | {key: value for key, value in optional.items() if value is not None}


def role_value_pattern(provider_arn: str, role_path: str) -> str:
    """How Okta makes the assertion's `provider,role` pair of the captures of `groupFilter`."""
    arn_of_any, _, name = provider_arn.rpartition("/")
    account = f"arn:{arn_of_any.split(':')[1]}:iam::${{accountid}}"
    return f"{account}:saml-provider/{name},{account}:role{role_path}${{role}}"


def attribute_expressions(
    session_tags: Mapping[str, str],
    source_identity: str | None,
    transitive_tags: Collection[str] = (),
) -> dict[str, list[str]]:
    """Attribute of the assertion -> Okta expressions of its values, besides name and roles. Okta
    compares them in order, so the order is always the same."""
    expressions = {
        f"{ATTRIBUTES}/PrincipalTag:{key}": [session_tags[key]] for key in sorted(session_tags)
    }
    if source_identity is not None:
        expressions[f"{ATTRIBUTES}/SourceIdentity"] = [source_identity]
    if transitive_tags:
        expressions[f"{ATTRIBUTES}/TransitiveTagKeys"] = [
            transitive_tag_expression(key, session_tags[key]) for key in sorted(transitive_tags)
        ]
    return expressions


def transitive_tag_expression(key: str, value: str) -> str:
    """The tag's key for a person who has a value of it, and nothing for others: STS refuses a
    transitive key without its tag, and Okta sends no attribute without a value."""
    if re.fullmatch(r"\"[^\"]+\"|'[^']+'", value):
        return f'"{key}"'
    return f'(({value}) == null or ({value}) == "") ? "" : "{key}"'


def iso8601_duration(hours: int) -> str:
    """The ISO 8601 period, where Okta reads a period of nothing as "each time"."""
    return f"PT{hours}H" if hours else "PT0S"


def quoted(text: str) -> str:
    """A text as a string of Okta's expression language, and of its search expressions."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def group_rule_name(group_name: str) -> str:
    """The name of a group's rule: Okta takes at most 50 characters, and each name once."""
    return limited_name(group_name, _RULE_NAME_LENGTH)


def limited_name(name: str, length: int) -> str:
    """The name, if it is short enough; else its beginning and a hash of all of it."""
    if len(name) <= length:
        return name
    return f"{name[: length - 13]}~{hashlib.sha256(name.encode()).hexdigest()[:12]}"
