"""What the component tests share: arguments that are right, to change one thing of."""

import pytest

from components import (
    AccessGroupArgs,
    Assignment,
    FederatedRoleArgs,
    OktaAwsAppArgs,
    ProvisioningUserArgs,
)

OKTA = "arn:aws:iam::123456789012:saml-provider/Okta"
SIGN_IN = "https://signin.aws.amazon.com/saml"


@pytest.fixture
def app_args():
    def args(**changes):
        given = {
            "label": "AWS",
            "provider_name": "Okta",
            "account_id": "123456789012",
            "login_url": "https://console.aws.amazon.com/ec2/home",
            "environment": "aws.amazon",
        }
        return OktaAwsAppArgs(**(given | changes))

    return args


@pytest.fixture
def role_args():
    def args(**changes):
        given = {"role_name": "Audit", "provider_arns": [OKTA], "audiences": [SIGN_IN]}
        return FederatedRoleArgs(**(given | changes))

    return args


@pytest.fixture
def user_args():
    def args(**changes):
        given = {
            "user_name": "OktaSSOuser",
            "policy_name": "OktaMasterAccountPolicy",
            "group_name": "OktaSSOusers",
            "access_key_generations": ["first"],
        }
        return ProvisioningUserArgs(**(given | changes))

    return args


@pytest.fixture
def group_args():
    def args(**changes):
        given = {
            "group_name": "AWSDeveloper",
            "assignment": Assignment(app_id="0oa1", priority=7, roles=["OktaDeveloper"]),
            "members": {"ada@example.com": "00u1"},
        }
        return AccessGroupArgs(**(given | changes))

    return args
