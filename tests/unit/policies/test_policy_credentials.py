from datetime import UTC, datetime, timedelta

import pytest
from pulumi_aws import iam
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

import credentials


@pytest.mark.parametrize(
    ("resource", "token"),
    [
        (iam.UserPolicy, credentials.USER_POLICY),
        (iam.UserPolicyAttachment, credentials.USER_POLICY_ATTACHMENT),
        (iam.UserPolicyAttachmentsExclusive, credentials.USER_ATTACHMENTS),
        (iam.PolicyAttachment, credentials.POLICY_ATTACHMENT),
        (iam.UserLoginProfile, credentials.LOGIN_PROFILE),
        (iam.AccessKey, credentials.ACCESS_KEY),
    ],
)
def test_the_rules_name_types_that_the_provider_has(resource, token):
    assert resource.pulumi_type == token


class TestUserPolicy:
    @pytest.fixture
    def said(self, said_of):
        def said(kind, props, **given):
            return said_of(credentials.user_policy_via_group, kind, props, **given)

        return said

    def test_an_attachment_to_a_user_is_named(self, said):
        props = {"user": "OktaSSOuser", "policyArn": UNKNOWN_STRING_VALUE}
        assert said(credentials.USER_POLICY_ATTACHMENT, props) == [
            "'audit' must not give a policy to a user directly: give it to a group "
            "(GroupPolicyAttachment), and put the user in the group (UserGroupMembership). "
            "[attached]"
        ]

    def test_a_policy_written_into_a_user_is_named(self, said):
        [message] = said(credentials.USER_POLICY, {"user": "OktaSSOuser"})
        assert message.endswith("[inline]")

    def test_a_list_of_all_that_is_attached_to_a_user_may_be_empty(self, said):
        assert said(credentials.USER_ATTACHMENTS, {"userName": "a", "policyArns": []}) == []
        assert len(said(credentials.USER_ATTACHMENTS, {"policyArns": ["arn:listing"]})) == 1

    def test_an_attachment_to_several_may_name_no_user(self, said):
        kind = credentials.POLICY_ATTACHMENT
        assert len(said(kind, {"users": ["OktaSSOuser"], "groups": ["Listers"]})) == 1
        assert said(kind, {"groups": ["Listers"], "roles": ["Audit"]}) == []
        assert said(kind, {"users": []}) == []

    @pytest.mark.parametrize(
        "kind",
        [
            "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
            "aws:iam/groupPolicy:GroupPolicy",
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            "aws:iam/userGroupMembership:UserGroupMembership",
        ],
    )
    def test_a_group_or_a_role_may_have_one(self, said, kind):
        assert said(kind, {"user": "OktaSSOuser"}) == []

    def test_an_exception_excuses_one_attachment(self, said):
        excuse = {"finding": "attached", "reason": "as Okta's guide has it", "until": "2999-12-31"}
        props = {"user": "OktaSSOuser"}
        kind = credentials.USER_POLICY_ATTACHMENT
        assert said(kind, props, exceptions=[{"resource": "audit", **excuse}]) == []
        assert len(said(kind, props, exceptions=[{"resource": "other", **excuse}])) == 1


class TestLoginProfile:
    def test_a_password_is_named(self, said_of):
        rule = credentials.no_console_login_profile
        assert said_of(rule, credentials.LOGIN_PROFILE, {"user": "OktaSSOuser"}) == [
            "'audit' must not give IAM user 'OktaSSOuser' a password: people sign in at the "
            "identity provider, and programs use keys or roles. [password]"
        ]

    def test_a_key_is_no_password(self, said_of):
        rule = credentials.no_console_login_profile
        assert said_of(rule, credentials.ACCESS_KEY, {"user": "OktaSSOuser"}) == []


def key(stack, name, user="OktaSSOuser", *, days=0, status="Active"):
    created = datetime.now(UTC) - timedelta(days=days, hours=1)
    written = created.strftime("%Y-%m-%dT%H:%M:%SZ")
    props = {"user": user, "status": status, "createDate": written}
    return stack.add(credentials.ACCESS_KEY, name, props)


class TestNumberOfKeys:
    def test_two_keys_are_fine_and_so_is_another_user(self, stack):
        key(stack, "first")
        key(stack, "second")
        key(stack, "third", "backup")
        assert stack.said_by(credentials.max_two_keys) == []

    def test_a_third_key_is_named(self, stack):
        for name in ("third", "first", "second"):
            key(stack, name)
        assert stack.said_by(credentials.max_two_keys) == [
            (
                "first",
                "IAM user 'OktaSSOuser' must have at most 2 access keys, not first, second and "
                "third. [OktaSSOuser]",
            )
        ]

    def test_a_stack_may_allow_one_alone(self, stack):
        key(stack, "first")
        assert stack.said_by(credentials.max_two_keys, maximum=1.0) == []
        key(stack, "second")
        [(_, message)] = stack.said_by(credentials.max_two_keys, maximum=1.0)
        assert message.startswith("IAM user 'OktaSSOuser' must have at most 1 access keys")


class TestAgeOfKeys:
    def test_a_key_is_fine_on_its_ninetieth_day_and_overdue_on_the_next(self, stack):
        key(stack, "first", days=89)
        assert stack.said_by(credentials.key_age) == []
        key(stack, "old", "backup", days=90)
        assert stack.said_by(credentials.key_age) == [
            (
                "old",
                "Access key 'old' of IAM user 'backup' must be replaced: it is 90 days old, and "
                "90 is the limit. [age]",
            )
        ]

    def test_a_rotation_can_be_deployed_although_the_old_key_is_overdue(self, stack):
        key(stack, "first", days=100)
        assert len(stack.said_by(credentials.key_age)) == 1
        key(stack, "second", days=0)
        assert stack.said_by(credentials.key_age) == []

    def test_a_rotation_must_be_finished(self, stack):
        key(stack, "first", days=100)
        key(stack, "second", days=8)
        [(name, _)] = stack.said_by(credentials.key_age)
        assert name == "first"

    def test_the_new_key_of_another_user_excuses_nobody(self, stack):
        key(stack, "first", days=100)
        key(stack, "second", "backup")
        assert len(stack.said_by(credentials.key_age)) == 1

    def test_a_key_that_is_switched_off_may_grow_old(self, stack):
        key(stack, "first", days=100, status="Inactive")
        assert stack.said_by(credentials.key_age) == []

    def test_a_stack_may_set_its_own_limits(self, stack):
        key(stack, "first", days=31)
        key(stack, "second", days=3)
        assert stack.said_by(credentials.key_age, maximumDays=30.0) == []
        limits = {"maximumDays": 30.0, "overlapDays": 2.0}
        assert len(stack.said_by(credentials.key_age, **limits)) == 1

    def test_a_key_that_is_not_made_yet_is_left_to_the_engine(self, stack):
        props = {"user": "OktaSSOuser", "status": "Active", "createDate": UNKNOWN_STRING_VALUE}
        stack.add(credentials.ACCESS_KEY, "first", props)
        with pytest.raises(UnknownValueError):
            stack.said_by(credentials.key_age)
