"""The settings of Okta's catalogue app `amazon_aws`, as one JSON document."""

import json

# What Okta fills in when an app is made by hand. Every one is written out: a default that is left
# out comes back non-null from Okta and shows as a change for ever.
GROUP_FILTER = r"aws_(?{{accountid}}\d+)_(?{{role}}[a-zA-Z0-9+=,.@\-_]+)"


def app_settings(*, provider_arn: str, session_hours: int, login_url: str, environment: str) -> str:
    """`settings.app`: Okta's eight defaults and the provider's ARN. A null would drift."""
    provider_of_any, _, name = provider_arn.rpartition("/")
    partition = provider_of_any.split(":")[1]
    anywhere = f"arn:{partition}:iam::${{accountid}}"
    settings = {
        "appFilter": "okta",
        "awsEnvironmentType": environment,
        "groupFilter": GROUP_FILTER,
        "identityProviderArn": provider_arn,
        "joinAllRoles": False,
        "loginURL": login_url,
        "roleValuePattern": f"{anywhere}:saml-provider/{name},{anywhere}:role/${{role}}",
        "sessionDuration": session_hours * 3600,
        "useGroupMapping": False,
    }
    return json.dumps(settings, sort_keys=True)
