import json

import pytest
from pulumi_aws import iam
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

import provisioning

KEY = "aws:iam/accessKey:AccessKey"
POLICY = "aws:iam/policy:Policy"
ATTACHMENT = "aws:iam/groupPolicyAttachment:GroupPolicyAttachment"
MEMBERSHIP = "aws:iam/userGroupMembership:UserGroupMembership"


def document(*actions):
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def federation(stack):
    """A stack as the guide has it, but with the policy on a group; `actions` may differ."""

    def federation(*actions):
        stack.add("aws:iam/samlProvider:SamlProvider", "okta", {"name": "Okta"})
        stack.add(KEY, "first", {"user": "OktaSSOuser"})
        props = {"arn": UNKNOWN_STRING_VALUE, "policy": document(*actions)}
        policy = stack.add(POLICY, "listing", props)
        attachment = {"group": "Okta", "policyArn": UNKNOWN_STRING_VALUE}
        stack.add(ATTACHMENT, "attach", attachment, policyArn=[policy])
        stack.add(MEMBERSHIP, "join", {"user": "OktaSSOuser", "groups": ["Okta"]})
        return stack

    return federation


def said_of(stack, **config):
    return stack.said_by(provisioning.provisioning_policy_read_only, **config)


def test_the_rule_names_a_type_that_the_provider_has():
    assert iam.SamlProvider.pulumi_type == provisioning.SAML_PROVIDER


def test_the_two_actions_are_fine_before_the_policy_has_an_arn(federation):
    assert said_of(federation("iam:ListRoles", "iam:listAccountAliases")) == []


def test_an_action_beyond_them_is_named(federation):
    stack = federation("iam:ListRoles", "iam:ListAccountAliases", "iam:GetUser")
    assert said_of(stack) == [
        (
            "listing",
            "IAM policy 'listing' must let IAM user 'OktaSSOuser' do iam:ListRoles and "
            "iam:ListAccountAliases and nothing else, not iam:GetUser. [iam:GetUser]",
        )
    ]


def test_a_wildcard_that_takes_them_in_is_beyond_them(federation):
    [(_, message)] = said_of(federation("iam:List*"))
    assert message.endswith("[iam:List*]")


def test_a_missing_action_is_named_with_what_breaks(federation):
    assert said_of(federation("iam:ListRoles")) == [
        (
            "first",
            "IAM user 'OktaSSOuser', whose key is 'first', must be allowed "
            "iam:ListAccountAliases on *: without it Okta cannot download the roles. "
            "[iam:ListAccountAliases]",
        )
    ]


def test_a_policy_on_the_user_is_held_to_the_same(federation):
    stack = federation("iam:ListRoles", "iam:ListAccountAliases")
    own = {"user": "OktaSSOuser", "policy": document("s3:GetObject")}
    stack.add("aws:iam/userPolicy:UserPolicy", "own", own)
    [(name, message)] = said_of(stack)
    assert name == "own"
    assert message.endswith("[s3:GetObject]")


@pytest.mark.parametrize(
    ("kind", "props"),
    [
        (ATTACHMENT, {"group": "Okta"}),
        ("aws:iam/userPolicyAttachment:UserPolicyAttachment", {"user": "OktaSSOuser"}),
        ("aws:iam/policyAttachment:PolicyAttachment", {"users": ["OktaSSOuser"]}),
    ],
)
def test_a_policy_that_the_stack_does_not_hold_is_named(federation, kind, props):
    arn = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"
    stack = federation("iam:ListRoles", "iam:ListAccountAliases")
    stack.add(kind, "more", props | {"policyArn": arn})
    assert said_of(stack) == [
        (
            "more",
            "'more' must give IAM user 'OktaSSOuser' a policy of this stack with iam:ListRoles "
            f"and iam:ListAccountAliases, not {arn}. [{arn}]",
        )
    ]


def test_a_user_with_a_key_in_a_stack_that_does_not_federate_serves_another_purpose(stack):
    stack.add(KEY, "mail", {"user": "mailer"})
    assert said_of(stack) == []


def test_oktas_app_alone_makes_a_stack_a_federation(stack):
    stack.add(KEY, "first", {"user": "OktaSSOuser"})
    stack.add("okta:app/saml:Saml", "app", {"preconfiguredApp": "amazon_aws"})
    assert len(said_of(stack)) == 2, "both actions are missing"


def test_the_configuration_may_name_the_users(federation):
    stack = federation("iam:ListRoles", "iam:ListAccountAliases")
    stack.add(KEY, "mail", {"user": "mailer"})
    assert len(said_of(stack)) == 2
    assert said_of(stack, users=["OktaSSOuser"]) == []


def test_a_user_without_a_key_is_nobody_that_okta_can_be(federation):
    stack = federation("iam:ListRoles", "iam:ListAccountAliases")
    person = {"user": "ada", "policy": document("s3:GetObject")}
    stack.add("aws:iam/userPolicy:UserPolicy", "person", person)
    assert said_of(stack) == []
