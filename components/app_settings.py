"""The settings of Okta's catalogue app `amazon_aws`."""

from typing import Any

from pulumi import Input

from .group_mapping import GroupMapping
from .okta_aws_app_args import OktaAwsAppArgs, SamlAccount


def app_settings(args: OktaAwsAppArgs, allowed_client: Input[str] | None) -> dict[str, Any]:
    """`settings.app`: Okta's eight defaults and the provider's ARN, and what else is given.

    Every default is written out: one that is left out comes back non-null from Okta and shows as a
    change for ever. So would a null or an empty string.
    """
    provider_arn = composed_arn(args.accounts[min(args.accounts)], args.provider_name)
    mapping = args.group_mapping or GroupMapping()
    settings = {
        "appFilter": "okta",
        "awsEnvironmentType": args.environment,
        "groupFilter": mapping.group_filter,
        "identityProviderArn": provider_arn,
        "joinAllRoles": args.join_all_roles,
        "loginURL": args.login_url,
        "roleValuePattern": role_value_pattern(provider_arn, mapping.role_path),
        "sessionDuration": args.session_hours * 3600,
        "useGroupMapping": args.group_mapping is not None,
    }
    optional = {"overrideAcsURL": args.sign_in_url, "webSSOAllowedClient": allowed_client}
    return settings | {key: value for key, value in optional.items() if value is not None}


def composed_arn(account: SamlAccount, name: str) -> str:
    """The ARN that AWS will give the account's SAML provider."""
    return f"arn:{account.partition}:iam::{account.id}:saml-provider/{name}"


def role_value_pattern(provider_arn: str, role_path: str) -> str:
    """How Okta makes the assertion's `provider,role` pair of what a group's name says."""
    provider_of_any, _, name = provider_arn.rpartition("/")
    anywhere = f"arn:{provider_of_any.split(':')[1]}:iam::${{accountid}}"
    return f"{anywhere}:saml-provider/{name},{anywhere}:role{role_path}${{role}}"
