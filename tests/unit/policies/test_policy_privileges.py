import json

import pytest
from pulumi_aws import iam
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

import privileges

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
READ = "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
ATTACHMENT_TO_MANY = "aws:iam/policyAttachment:PolicyAttachment"
POLICY = "aws:iam/policy:Policy"


def written(**statement):
    fine = {"Effect": "Allow", "Action": "ec2:DescribeInstances", "Resource": "*"}
    return {"policy": json.dumps({"Version": "2012-10-17", "Statement": [fine | statement]})}


@pytest.mark.parametrize(
    "resource",
    [
        iam.Policy,
        iam.RolePolicy,
        iam.UserPolicy,
        iam.GroupPolicy,
        iam.RolePolicyAttachment,
        iam.UserPolicyAttachment,
        iam.GroupPolicyAttachment,
        iam.PolicyAttachment,
        iam.RolePolicyAttachmentsExclusive,
        iam.UserPolicyAttachmentsExclusive,
        iam.GroupPolicyAttachmentsExclusive,
        iam.Role,
    ],
)
def test_the_rules_name_types_that_the_provider_has(resource):
    assert resource.pulumi_type in privileges.NOUNS


def test_the_rules_name_no_type_beyond_those():
    assert len(privileges.NOUNS) == 12


class TestAdministratorAccess:
    @pytest.fixture
    def said(self, said_of):
        def said(kind, props, **given):
            return said_of(privileges.no_administrator_access, kind, props, **given)

        return said

    def test_another_managed_policy_is_fine(self, said):
        assert said(ATTACHMENT, {"role": "Audit", "policyArn": READ}) == []

    def test_attaching_it_is_named(self, said):
        assert said(ATTACHMENT, {"role": "Audit", "policyArn": ADMINISTRATOR}) == [
            "IAM role policy attachment 'audit' must not give AdministratorAccess: give the "
            "actions that the work needs, or list the role in breakGlassRoles. "
            "[AdministratorAccess]"
        ]

    @pytest.mark.parametrize("kind", privileges.ATTACHMENTS)
    @pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
    def test_every_attachment_in_every_partition_counts(self, said, kind, partition):
        arn = ADMINISTRATOR.replace("arn:aws:", f"arn:{partition}:")
        assert len(said(kind, {"policyArn": arn})) == 1

    @pytest.mark.parametrize("kind", privileges.EXCLUSIVE_ATTACHMENTS)
    def test_a_list_of_all_attachments_counts(self, said, kind):
        assert said(kind, {"policyArns": [READ]}) == []
        assert len(said(kind, {"policyArns": [READ, ADMINISTRATOR]})) == 1

    def test_a_policy_of_ones_own_may_have_a_similar_name(self, said):
        own = "arn:aws:iam::123456789012:policy/AdministratorAccess"
        assert said(ATTACHMENT, {"role": "Audit", "policyArn": own}) == []

    def test_it_shows_although_the_role_is_not_known_yet(self, said):
        props = {"role": UNKNOWN_STRING_VALUE, "policyArn": ADMINISTRATOR}
        assert len(said(ATTACHMENT, props)) == 1

    def test_an_arn_that_is_not_known_yet_is_left_to_the_engine(self, said):
        with pytest.raises(UnknownValueError):
            said(ATTACHMENT, {"role": "Audit", "policyArn": UNKNOWN_STRING_VALUE})

    def test_a_role_that_lists_it_is_named(self, said):
        [message] = said(privileges.ROLE, {"managedPolicyArns": [READ, ADMINISTRATOR]})
        assert message.startswith("IAM role 'audit' must not give AdministratorAccess:")

    @pytest.mark.parametrize("kind", privileges.DOCUMENT_HOLDERS)
    def test_every_document_counts(self, said, kind):
        [message] = said(kind, written(Action="*"))
        assert message.endswith("[*:*]")

    def test_a_document_inside_a_role_counts(self, said):
        inline = [{"name": "all", **written(Action="*")}]
        assert len(said(privileges.ROLE, {"inlinePolicies": inline})) == 1

    @pytest.mark.parametrize("action", ["*", "*:*", ["s3:GetObject", "*"], "**"])
    @pytest.mark.parametrize("resource", ["*", ["arn:aws:s3:::a", "*"]])
    def test_every_spelling_of_everything_counts(self, said, action, resource):
        assert len(said(POLICY, written(Action=action, Resource=resource))) == 1

    def test_a_condition_is_no_excuse(self, said):
        condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
        assert len(said(POLICY, written(Action="*", Condition=condition))) == 1

    @pytest.mark.parametrize(
        "statement",
        [
            {},
            {"Action": "ec2:*"},
            {"Action": "*", "Resource": "arn:aws:s3:::reports/*"},
            {"Action": "*", "Effect": "Deny"},
        ],
    )
    def test_less_than_everything_is_fine(self, said, statement):
        assert said(POLICY, written(**statement)) == []

    @pytest.mark.parametrize(
        ("kind", "props"),
        [
            (ATTACHMENT, {"role": "Emergency", "policyArn": ADMINISTRATOR}),
            (privileges.ROLE, {"name": "Emergency", "managedPolicyArns": [ADMINISTRATOR]}),
            (
                "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
                {"roleName": "Emergency", "policyArns": [ADMINISTRATOR]},
            ),
            ("aws:iam/rolePolicy:RolePolicy", {"role": "Emergency", **written(Action="*")}),
        ],
    )
    def test_a_role_kept_for_emergencies_may(self, said, kind, props):
        assert said(kind, props, breakGlassRoles=["Emergency"]) == []
        assert len(said(kind, props, breakGlassRoles=["Other"])) == 1

    def test_a_user_is_never_kept_for_emergencies(self, said):
        kind = "aws:iam/userPolicyAttachment:UserPolicyAttachment"
        props = {"user": "Emergency", "policyArn": ADMINISTRATOR}
        assert len(said(kind, props, breakGlassRoles=["Emergency"])) == 1

    def test_other_types_are_left_alone(self, said):
        assert said("aws:s3/bucketPolicy:BucketPolicy", written(Action="*")) == []


class TestAdministratorByHand:
    @pytest.fixture
    def said(self, stack):
        return lambda **config: stack.said_by(privileges.no_administrator_by_hand, **config)

    @pytest.fixture
    def role(self, stack):
        def role(*arns):
            props = {"name": "Audit", "managedPolicyArns": list(arns)}
            return stack.add(privileges.ROLE, "audit", props)

        return role

    def test_what_somebody_attached_by_hand_is_named(self, role, said):
        role(READ, ADMINISTRATOR)
        assert said() == [
            (
                "audit",
                f"IAM role 'audit' must not have {ADMINISTRATOR}, which this stack does not "
                "attach: detach it in AWS, or list the role in breakGlassRoles. "
                "[AdministratorAccess]",
            )
        ]

    @pytest.mark.parametrize(
        ("kind", "named"),
        [(ATTACHMENT, {"role": "Audit"}), (ATTACHMENT_TO_MANY, {"roles": ["Audit"]})],
    )
    def test_what_the_stack_attaches_is_another_rules_finding(self, stack, role, said, kind, named):
        role(ADMINISTRATOR)
        stack.add(ATTACHMENT, "other", {"role": "Other", "policyArn": ADMINISTRATOR})
        assert len(said()) == 1
        stack.add(kind, "own", named | {"policyArn": ADMINISTRATOR})
        assert said() == []

    def test_a_role_kept_for_emergencies_may(self, role, said):
        role(ADMINISTRATOR)
        assert said(breakGlassRoles=["Audit"]) == []

    @pytest.mark.parametrize("arns", [[], [READ]])
    def test_other_policies_are_fine(self, role, said, arns):
        role(*arns)
        assert said() == []

    def test_a_role_that_is_not_made_yet_is_fine(self, stack, said):
        stack.add(privileges.ROLE, "audit", {"name": "Audit"})
        assert said() == []


class TestServiceWildcard:
    @pytest.fixture
    def said(self, said_of):
        def said(kind, props, **given):
            return said_of(privileges.no_service_wildcard, kind, props, **given)

        return said

    def test_all_of_a_service_is_named(self, said):
        assert said(POLICY, written(Action=["ec2:DescribeInstances", "s3:*"])) == [
            "IAM policy 'audit' must list the actions that it allows, not s3:*. [s3:*]"
        ]

    def test_all_of_a_service_may_be_written_otherwise(self, said):
        [message] = said(POLICY, written(Action="s3:?*"))
        assert message.endswith("[s3:?*]")

    def test_all_but_some_is_named(self, said):
        document = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
        [message] = said(POLICY, {"policy": json.dumps({"Statement": document})})
        assert message.endswith("[NotAction iam:*]")

    def test_everything_on_one_resource_is_named(self, said):
        [message] = said(POLICY, written(Action="*", Resource="arn:aws:s3:::reports/*"))
        assert message.endswith("[*]")

    @pytest.mark.parametrize(
        "statement",
        [
            {"Action": "ec2:Describe*"},
            {"Action": "s3:*", "Effect": "Deny"},
            {"Action": ["s3:GetObject", "s3:PutObject"]},
        ],
    )
    def test_a_part_of_a_service_is_fine(self, said, statement):
        assert said(POLICY, written(**statement)) == []

    def test_everything_on_everything_is_another_rules_finding(self, said):
        assert said(POLICY, written(Action="*")) == []

    @pytest.mark.parametrize("kind", privileges.DOCUMENT_HOLDERS)
    def test_every_document_counts(self, said, kind):
        assert len(said(kind, written(Action="s3:*"))) == 1

    def test_a_document_inside_a_role_counts(self, said):
        inline = {"inlinePolicies": [{"name": "all", **written(Action="s3:*")}]}
        assert len(said(privileges.ROLE, inline)) == 1

    def test_one_wildcard_can_be_excused(self, said):
        excuse = {"resource": "audit", "finding": "s3:*", "reason": "new", "until": "2999-12-31"}
        props = written(Action=["s3:*", "sqs:*"])
        [message] = said(POLICY, props, exceptions=[excuse])
        assert message.endswith("[sqs:*]")
