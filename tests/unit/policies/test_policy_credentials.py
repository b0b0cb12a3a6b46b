import pytest
from pulumi_aws import iam
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

import credentials


@pytest.mark.parametrize(
    ("resource", "token"),
    [
        (iam.UserPolicy, credentials.USER_POLICY),
        (iam.UserPolicyAttachment, credentials.USER_POLICY_ATTACHMENT),
        (iam.PolicyAttachment, credentials.POLICY_ATTACHMENT),
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
            "'audit' must not give a policy to a user directly: attach it to a group with "
            "GroupPolicyAttachment, and put the user in the group with UserGroupMembership. "
            "[attached]"
        ]

    def test_a_policy_written_into_a_user_is_named(self, said):
        assert said(credentials.USER_POLICY, {"user": "OktaSSOuser"}) == [
            "'audit' must not give a policy to a user directly: write it as a GroupPolicy, and "
            "put the user in the group with UserGroupMembership. [inline]"
        ]

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
