import json
from pathlib import Path

import pulumi
import pytest
import yaml
from pulumi_aws import iam
from pulumi_okta.app import Saml

import settings
from access.model import AccessModel
from okta_aws_federation.iam.policy import Policy

ROOT = Path(__file__).parents[3]
STACKS = sorted([*ROOT.glob("Pulumi.*.yaml"), *ROOT.glob("examples/*/Pulumi.*.yaml")])


def levels_of(stack: Path) -> dict:
    """The rules that the stack is held to otherwise, as the pack's configuration says it."""
    said = ROOT / "policies" / "stacks" / f"{stack.stem.removeprefix('Pulumi.')}.json"
    return json.loads(said.read_text()) if said.exists() else {}


def config_of(stack: Path) -> dict:
    return yaml.safe_load(stack.read_text())["config"]


def test_there_are_stacks_to_be_held_to_the_rules():
    assert {"Pulumi.dev", "Pulumi.prod"} <= {stack.stem for stack in STACKS}


@pytest.mark.parametrize("stack", STACKS, ids=lambda path: path.stem)
def test_the_stack_builds_and_breaks_no_rule(cloud, deploy, rules, judge, stack):
    deploy(config_of(stack))

    assert cloud.of(iam.Role), "a stack with no role would pass by having nothing to check"
    assert cloud.of(Saml)
    said = {rule for rule, _ in judge(rules)}
    assert said <= {"saml-provider-protected"}
    if levels_of(stack).get("saml-provider-protected") == "mandatory":
        assert said == set()


@pytest.mark.parametrize("stack", STACKS, ids=lambda path: path.stem)
def test_everything_runs_under_a_provider_pinned_to_its_account(cloud, deploy, stack):
    deploy(config_of(stack))

    for (kind, name), request in cloud.engine.requests.items():
        if kind.startswith(("aws:", "okta:")):
            package = kind.partition(":")[0]
            assert f"pulumi:providers:{package}::" in request.provider, f"{kind} {name}"
    assert cloud.lookup_providers <= {"okta"}, "of users, groups, the app's metadata"


def test_a_rule_that_is_broken_would_be_told(cloud, deploy, rules, judge):
    config = config_of(ROOT / "Pulumi.prod.yaml")
    roles = config["okta-aws-federation:roles"]
    roles["OktaAuditor"]["managedPolicies"] = ["AdministratorAccess"]
    del config["okta-aws-federation:expect"]

    deploy(config)

    assert [rule for rule, _ in judge(rules)] == ["no-administrator-access"]


def test_a_stack_whose_expectation_does_not_hold_is_refused_before_anything_is_made(cloud, deploy):
    config = config_of(ROOT / "Pulumi.dev.yaml")
    config["okta-aws-federation:expect"] = [{"user": "ada@example.com", "can": ["s3:GetObject"]}]

    with pytest.raises(pulumi.RunError, match=r"expect\.0\.can\.0 = 's3:GetObject'"):
        deploy(config)

    assert cloud.resources == []


@pytest.mark.parametrize("stack", STACKS, ids=lambda path: path.stem)
def test_the_model_judges_by_the_trust_policies_that_are_deployed(cloud, deploy, stack):
    deploy(config_of(stack))

    deployed = {
        name.removesuffix("-role"): Policy.parse(role["assumeRolePolicy"]).statements
        for name, role in cloud.of(iam.Role).items()
    }
    estate = AccessModel(settings.read(stack))
    judged_by = {
        name: estate.trusts[place].statements for name, place in estate.stack.account_roles.items()
    }
    assert judged_by == deployed
