"""The settings of Okta's catalogue app `amazon_aws`, as one JSON document."""

from dataclasses import dataclass

from pulumi import Input, Output

from .refusal import Refusal

GROUP_FILTER = r"aws_(?{{accountid}}\d+)_(?{{role}}[a-zA-Z0-9+=,.@\-_]+)"
"""What Okta fills in when an app is made by hand."""


@dataclass(frozen=True, kw_only=True)
class GroupMapping:
    """Okta reads account and role from the names of a person's groups."""

    group_filter: str = GROUP_FILTER
    """The expression with the captures `(?{{accountid}}...)` and `(?{{role}}...)`."""

    role_path: str = "/"
    """The path of every role in IAM, since a group's name holds none."""

    def __post_init__(self) -> None:
        for capture in ("(?{{accountid}}", "(?{{role}}"):
            if capture not in self.group_filter:
                raise Refusal(f"group_filter must capture {capture}...), not {self.group_filter!r}")


def app_settings(
    *,
    provider_arn: str,
    session_hours: int,
    login_url: str,
    environment: str,
    sign_in_url: str | None = None,
    join_all_roles: bool = False,
    group_mapping: GroupMapping | None = None,
    allowed_client: Input[str] | None = None,
) -> Output[str]:
    """`settings.app`: Okta's eight defaults and the provider's ARN, and what else is given.

    Every default is written out: one that is left out comes back non-null from Okta and shows as a
    change for ever. So would a null or an empty string.
    """
    mapping = group_mapping or GroupMapping()
    settings = {
        "appFilter": "okta",
        "awsEnvironmentType": environment,
        "groupFilter": mapping.group_filter,
        "identityProviderArn": provider_arn,
        "joinAllRoles": join_all_roles,
        "loginURL": login_url,
        "roleValuePattern": role_value_pattern(provider_arn, mapping.role_path),
        "sessionDuration": session_hours * 3600,
        "useGroupMapping": group_mapping is not None,
    }
    optional = {"overrideAcsURL": sign_in_url, "webSSOAllowedClient": allowed_client}
    given = {key: value for key, value in optional.items() if value is not None}
    return Output.json_dumps(settings | given, sort_keys=True)


def role_value_pattern(provider_arn: str, role_path: str) -> str:
    """How Okta makes the assertion's `provider,role` pair of what a group's name says."""
    provider_of_any, _, name = provider_arn.rpartition("/")
    anywhere = f"arn:{provider_of_any.split(':')[1]}:iam::${{accountid}}"
    return f"{anywhere}:saml-provider/{name},{anywhere}:role{role_path}${{role}}"
