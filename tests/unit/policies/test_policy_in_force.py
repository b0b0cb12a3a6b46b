import json

import pytest
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

import in_force

ROLE = in_force.ROLE
OKTA = "arn:aws:iam::123456789012:saml-provider/Okta"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
FINE = {
    "Effect": "Allow",
    "Principal": {"Federated": OKTA},
    "Action": "sts:AssumeRoleWithSAML",
    "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
}


def trusting(**change):
    return {"name": "Audit", "assumeRolePolicy": json.dumps({"Statement": FINE | change})}


class TestTrust:
    @pytest.fixture
    def said(self, stack):
        return lambda **config: stack.said_by(in_force.saml_trust_in_force, **config)

    def test_a_trust_that_is_fine_is_fine_in_the_end(self, stack, said):
        stack.add(ROLE, "audit", trusting())
        assert said() == []

    def test_a_role_that_breaks_two_rules_is_named_for_each(self, stack, said):
        stack.add(ROLE, "audit", trusting(Condition={}, Action="sts:*"))
        assert [message.split(" [")[-1] for _, message in said()] == [
            "saml-trust-has-audience]",
            "saml-trust-action-only]",
            "tag-session-needs-tag-key-allow-list]",
        ]

    def test_it_says_what_the_rule_says(self, stack, said):
        stack.add(ROLE, "audit", trusting(Condition={}))
        assert said() == [
            (
                "audit",
                "IAM role 'audit' must ask for an audience: add StringEquals SAML:aud to "
                "statement 1 of its trust policy. [saml-trust-has-audience]",
            )
        ]

    @pytest.mark.parametrize(
        ("rule", "change"),
        [
            ("saml-trust-has-audience", {"Condition": {}}),
            (
                "saml-audience-matches-partition",
                {"Condition": {"StringEquals": {"SAML:aud": "https://example.com"}}},
            ),
            ("saml-trust-action-only", {"Action": ["sts:AssumeRoleWithSAML", "sts:AssumeRole"]}),
            ("no-wildcard-in-federated-principal", {"Principal": "*"}),
            (
                "tag-session-needs-tag-key-allow-list",
                {"Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"]},
            ),
        ],
    )
    def test_every_trust_rule_that_needs_no_configuration_counts(self, stack, said, rule, change):
        stack.add(ROLE, "audit", trusting(**change))
        [(_, message)] = said()
        assert message.endswith(f"[{rule}]")

    def test_a_trust_that_is_not_known_yet_is_left_to_the_engine(self, stack, said):
        stack.add(ROLE, "audit", {"assumeRolePolicy": UNKNOWN_STRING_VALUE})
        with pytest.raises(UnknownValueError):
            said()


class TestAdministratorByHand:
    @pytest.fixture
    def said(self, stack):
        return lambda **config: stack.said_by(in_force.no_administrator_by_hand, **config)

    @pytest.fixture
    def role(self, stack):
        return lambda *arns: stack.add(
            ROLE, "audit", {"name": "Audit", "managedPolicyArns": list(arns)}
        )

    def test_what_somebody_attached_by_hand_is_named(self, role, said):
        role(ADMINISTRATOR)
        assert said() == [
            (
                "audit",
                f"IAM role 'audit' must not have {ADMINISTRATOR}, which this stack does not "
                "attach: detach it in AWS, or list the role in breakGlassRoles. "
                "[AdministratorAccess]",
            )
        ]

    def test_what_the_stack_attaches_is_another_rules_finding(self, stack, role, said):
        role(ADMINISTRATOR)
        attachment = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
        stack.add(attachment, "admin", {"role": "Other", "policyArn": ADMINISTRATOR})
        assert len(said()) == 1
        stack.add(attachment, "own", {"role": "Audit", "policyArn": ADMINISTRATOR})
        assert said() == []

    def test_a_role_kept_for_emergencies_may(self, role, said):
        role(ADMINISTRATOR)
        assert said(breakGlassRoles=["Audit"]) == []

    @pytest.mark.parametrize("arns", [[], ["arn:aws:iam::aws:policy/ReadOnlyAccess"]])
    def test_other_policies_are_fine(self, role, said, arns):
        role(*arns)
        assert said() == []

    def test_a_role_that_is_not_made_yet_is_fine(self, stack, said):
        stack.add(ROLE, "audit", {"name": "Audit"})
        assert said() == []
