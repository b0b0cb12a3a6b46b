import pytest
from pulumi_aws import iam

import hygiene


def test_the_rules_name_types_that_the_provider_has():
    assert iam.Role.pulumi_type == hygiene.ROLE
    assert iam.SamlProvider.pulumi_type == hygiene.SAML_PROVIDER


class TestTags:
    @pytest.fixture
    def said(self, said_of):
        def said(props, kind=hygiene.ROLE, **config):
            return said_of(hygiene.role_tags, kind, props, **config)

        return said

    @pytest.mark.parametrize("props", [{}, {"tags": None}, {"tags": {}, "tagsAll": {}}])
    def test_a_role_without_a_tag_is_named(self, said, props):
        assert said(props) == ["IAM role 'audit' must have a tag that says whose it is. [any]"]

    @pytest.mark.parametrize("held", ["tags", "tagsAll"])
    def test_a_tag_of_the_role_or_of_its_provider_is_fine(self, said, held):
        assert said({held: {"team": "blue"}}) == []

    def test_a_stack_may_require_tags_by_name(self, said):
        props = {"tags": {"team": "blue", "cost": ""}}
        assert said(props, required=["team"]) == []
        assert said(props, required=["team", "cost"]) == [
            "IAM role 'audit' must have the tag cost. [cost]"
        ]

    def test_other_types_are_left_alone(self, said):
        assert said({}, "aws:iam/user:User") == []


class TestProtection:
    def test_a_provider_that_can_be_deleted_is_named(self, said_of):
        assert said_of(hygiene.saml_provider_protected, hygiene.SAML_PROVIDER, {}) == [
            "SAML provider 'audit' must be protected (resource option protect): if it is deleted "
            "or replaced, nobody gets in. [protect]"
        ]

    def test_a_protected_provider_is_fine(self, said_of):
        rule = hygiene.saml_provider_protected
        assert said_of(rule, hygiene.SAML_PROVIDER, {}, protect=True) == []

    def test_other_types_are_left_alone(self, said_of):
        assert said_of(hygiene.saml_provider_protected, hygiene.ROLE, {}) == []
