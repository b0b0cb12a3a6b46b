import json

import pytest
from pulumi_aws import iam
from pulumi_policy import StackValidationArgs
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

import effective_policies
import escalation

POLICY = "aws:iam/policy:Policy"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"


def document(*actions, **statement):
    allow = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [allow | statement]})


@pytest.mark.parametrize(
    ("resource", "token"),
    [
        (iam.Policy, effective_policies.POLICY),
        (iam.UserGroupMembership, effective_policies.USER_GROUPS),
        (iam.GroupMembership, effective_policies.GROUP_USERS),
    ],
)
def test_the_rules_name_types_that_the_provider_has(resource, token):
    assert resource.pulumi_type == token


def test_every_type_that_gives_a_policy_is_followed():
    attaching = {
        iam.RolePolicyAttachment,
        iam.UserPolicyAttachment,
        iam.GroupPolicyAttachment,
        iam.PolicyAttachment,
    }
    writing = {iam.RolePolicy, iam.UserPolicy, iam.GroupPolicy}
    assert {each.pulumi_type for each in attaching} == set(effective_policies.ATTACHING)
    assert {each.pulumi_type for each in writing} == set(effective_policies.INLINE)


class TestOneDocument:
    @pytest.fixture
    def said(self, said_of):
        def said(policy, **given):
            return said_of(escalation.privilege_escalation, POLICY, {"policy": policy}, **given)

        return said

    def test_a_way_up_is_named_with_its_actions(self, said):
        assert said(document("iam:PassRole", "ec2:RunInstances")) == [
            "IAM policy 'audit' must not allow iam:PassRole and ec2:RunInstances on any resource: "
            "it runs a machine as a stronger role. [CreateEC2WithExistingIP]"
        ]

    @pytest.mark.parametrize("name", escalation.ESCALATIONS)
    def test_every_way_is_seen_alone(self, said, name):
        assert f"[{name}]" in " ".join(said(document(*escalation.ESCALATIONS[name].actions)))

    @pytest.mark.parametrize(
        "name", [name for name, way in escalation.ESCALATIONS.items() if len(way.actions) > 1]
    )
    def test_a_way_needs_each_of_its_actions(self, said, name):
        for left_out in escalation.ESCALATIONS[name].actions:
            rest = [action for action in escalation.ESCALATIONS[name].actions if action != left_out]
            assert f"[{name}]" not in " ".join(said(document(*rest)))

    def test_what_the_role_of_the_story_may_do_opens_no_way(self, said):
        reading = ["ec2:Describe*", "elasticloadbalancing:Describe*", "cloudwatch:ListMetrics"]
        assert said(document(*reading)) == []

    def test_a_wildcard_opens_the_ways_that_it_takes_in(self, said):
        keys = said(document("iam:Create*"))
        assert [message.split()[-1] for message in keys] == [
            "[CreateNewPolicyVersion]",
            "[CreateAccessKey]",
            "[CreateLoginProfile]",
        ]

    def test_all_but_iam_opens_the_ways_of_other_services_alone(self, said):
        all_but = {"Effect": "Allow", "NotAction": ["iam:*", "sts:*"], "Resource": "*"}
        keys = said(json.dumps({"Statement": all_but}))
        assert [message.split()[-1] for message in keys] == [
            "[EditExistingLambdaFunctionWithRole]",
            "[UpdateExistingGlueDevEndpoint]",
            "[UpdateExistingStack]",
            "[RunCommandOnInstance]",
            "[StartSessionOnInstance]",
        ]

    def test_a_way_may_be_spread_over_statements(self, said):
        passing = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}
        running = {"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "*"}
        assert len(said(json.dumps({"Statement": [passing, running]}))) == 1

    @pytest.mark.parametrize(
        "resource",
        [
            "arn:aws:iam::123456789012:user/${aws:username}",
            "arn:aws:iam::123456789012:role/Runner",
            "arn:aws:iam::123456789012:role/team/*",
        ],
    )
    def test_a_limited_resource_closes_a_way(self, said, resource):
        assert said(document("iam:CreateAccessKey", Resource=resource)) == []

    @pytest.mark.parametrize(
        "resource",
        [
            "arn:aws:iam::*:user/*",
            "arn:aws:iam::*:user/?*",
            "arn:aws:iam::123456789012:*",
            "arn:aws:iam::*",
            ["arn:aws:iam::123456789012:user/Ada", "*"],
        ],
    )
    def test_a_resource_that_is_limited_in_name_only_does_not(self, said, resource):
        assert len(said(document("iam:CreateAccessKey", Resource=resource))) == 1

    def test_all_resources_but_some_do_not(self, said):
        allow = {"Effect": "Allow", "Action": "iam:CreateAccessKey", "NotResource": "arn:aws:a"}
        assert len(said(json.dumps({"Statement": allow}))) == 1

    def test_a_condition_on_a_tag_of_the_resource_closes_a_way(self, said):
        condition = {"StringEquals": {"ssm:resourceTag/team": "${aws:PrincipalTag/team}"}}
        assert said(document("ssm:StartSession", Condition=condition)) == []

    @pytest.mark.parametrize(
        "condition",
        [
            {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
            {"StringEquals": {"aws:RequestTag/team": "blue"}},
            {"StringLike": {"aws:ResourceTag/team": "*"}},
            {"StringLike": {"aws:ResourceTag/team": "?*"}},
            {"StringNotEquals": {"aws:ResourceTag/team": "root"}},
        ],
    )
    def test_another_condition_does_not(self, said, condition):
        assert len(said(document("iam:CreateAccessKey", Condition=condition))) == 1

    def test_a_denial_closes_a_way_unless_it_has_a_condition_or_a_limit(self, said):
        allow = {"Effect": "Allow", "Action": "iam:CreateAccessKey", "Resource": "*"}
        deny = {"Effect": "Deny", "Action": "iam:Create*", "Resource": "*"}

        def under(**change):
            return said(json.dumps({"Statement": [allow, deny | change]}))

        assert under() == []
        assert len(under(Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}})) == 1
        assert len(under(Resource="arn:aws:iam::123456789012:user/root")) == 1

    def test_whoever_has_everything_has_nothing_to_escalate_to(self, said):
        assert said(document("*")) == []

    def test_one_way_can_be_excused(self, said):
        excuse = {"resource": "audit", "finding": "CreateAccessKey", "until": "2999-12-31"}
        policy = document("iam:CreateAccessKey", "iam:CreateLoginProfile")
        [message] = said(policy, exceptions=[excuse | {"reason": "the help desk does this"}])
        assert message.endswith("[CreateLoginProfile]")

    def test_a_document_that_is_not_known_yet_is_left_to_the_engine(self, said):
        with pytest.raises(UnknownValueError):
            said(UNKNOWN_STRING_VALUE)


class TestSeveralPolicies:
    @pytest.fixture
    def said(self, stack):
        return lambda **config: stack.said_by(escalation.combined_privilege_escalation, **config)

    def test_a_way_through_two_policies_is_named(self, stack, said):
        running = {"arn": "arn:running", "policy": document("ec2:RunInstances")}
        stack.add(POLICY, "running", running)
        stack.add(ATTACHMENT, "attach", {"role": "Ops", "policyArn": "arn:running"})
        passing = {"role": "Ops", "policy": document("iam:PassRole")}
        stack.add(ROLE_POLICY, "passing", passing)
        assert said() == [
            (
                "passing",
                "IAM role 'Ops' must not be allowed iam:PassRole and ec2:RunInstances by its "
                "policies together: it runs a machine as a stronger role. "
                "[CreateEC2WithExistingIP]",
            )
        ]

    def test_two_roles_do_not_add_up(self, stack, said):
        for role, action in (("Ops", "iam:PassRole"), ("Run", "ec2:RunInstances")):
            stack.add(ROLE_POLICY, role, {"role": role, "policy": document(action)})
        assert said() == []

    def test_a_way_through_one_policy_is_another_rules_finding(self, stack, said):
        props = {"role": "Ops", "policy": document("iam:CreateAccessKey")}
        stack.add(ROLE_POLICY, "keys", props)
        assert said() == []

    def test_a_user_holds_what_the_groups_hold(self, stack, said):
        group = {"group": "Passers", "policy": document("iam:PassRole")}
        stack.add("aws:iam/groupPolicy:GroupPolicy", "passing", group)
        user = {"user": "ada", "policy": document("ec2:RunInstances")}
        stack.add("aws:iam/userPolicy:UserPolicy", "running", user)
        assert said() == []
        stack.add(effective_policies.USER_GROUPS, "joining", {"user": "ada", "groups": ["Passers"]})
        [(_, message)] = said()
        assert message.startswith("IAM user 'ada' must not be allowed iam:PassRole")

    def test_a_group_may_name_its_users_instead(self, stack, said):
        group = {"group": "Passers", "policy": document("iam:PassRole")}
        stack.add("aws:iam/groupPolicy:GroupPolicy", "passing", group)
        user = {"user": "ada", "policy": document("ec2:RunInstances")}
        stack.add("aws:iam/userPolicy:UserPolicy", "running", user)
        stack.add(effective_policies.GROUP_USERS, "joining", {"group": "Passers", "users": ["ada"]})
        assert len(said()) == 1

    def test_a_document_inside_a_role_adds_up_too(self, stack, said):
        inline = [{"name": "passing", "policy": document("iam:PassRole")}]
        stack.add("aws:iam/role:Role", "ops", {"name": "Ops", "inlinePolicies": inline})
        running = {"role": "Ops", "policy": document("ec2:RunInstances")}
        stack.add(ROLE_POLICY, "running", running)
        assert len(said()) == 1

    def test_what_aws_has_not_said_yet_hides_nothing_that_is_known(self, stack):
        unknown = {"name": "Ops", "inlinePolicies": UNKNOWN_STRING_VALUE}
        stack.add("aws:iam/role:Role", "ops", unknown)
        for name, action in (("run", "ec2:RunInstances"), ("pass", "iam:PassRole")):
            stack.add(ROLE_POLICY, name, {"role": "Ops", "policy": document(action)})
        said = []
        args = StackValidationArgs(stack.resources)
        with pytest.raises(UnknownValueError):
            escalation.combined_privilege_escalation.validate(args, lambda *all: said.append(all))
        assert len(said) == 1

    def test_a_preview_follows_an_attachment_whose_arn_is_not_known_yet(self, stack, said):
        props = {"arn": UNKNOWN_STRING_VALUE, "policy": document("ec2:RunInstances")}
        running = stack.add(POLICY, "running", props)
        attachment = {"role": "Ops", "policyArn": UNKNOWN_STRING_VALUE}
        stack.add(ATTACHMENT, "attach", attachment, policyArn=[running])
        passing = {"role": "Ops", "policy": document("iam:PassRole")}
        stack.add(ROLE_POLICY, "passing", passing)
        assert len(said()) == 1

    def test_a_policy_of_aws_has_no_document_to_read(self, stack, said):
        arn = "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"
        stack.add(ATTACHMENT, "attach", {"role": "Ops", "policyArn": arn})
        stack.add(POLICY, "other", {"arn": UNKNOWN_STRING_VALUE, "policy": document("s3:Get*")})
        assert said() == []

    def test_whoever_has_everything_has_nothing_to_escalate_to(self, stack, said):
        for name, action in (("all", "*"), ("passing", "iam:PassRole")):
            stack.add(ROLE_POLICY, name, {"role": "Ops", "policy": document(action)})
        assert said() == []
