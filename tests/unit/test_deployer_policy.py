"""The rights of a deployment can't make an administrator: asked of every action that AWS has.

Two documents: what the pipeline may do, and the boundary that it has to put on each role. Which
condition keys an action knows is of AWS's Service Authorization Reference.
"""

import json
from functools import cache
from itertools import product

import pytest

import escalation
from access.actions import snapshot
from okta_aws_federation.iam.evaluator import Policy, Request, evaluate
from okta_aws_federation.partitions import PARTITIONS
from sandbox.workspace import ROOT

REFERENCE = ROOT / "docs/reference"
ACCOUNT = "123456789012"
NAMES = [partition.name for partition in PARTITIONS]
READS = ("iam:Get", "iam:List", "iam:Generate", "iam:Simulate")

BOUNDED = {"AttachRolePolicy", "CreateRole", "PutRolePermissionsBoundary", "PutRolePolicy"}
"""Give a role permissions: only below the boundary."""
REVIEWED = {
    "role": BOUNDED
    | {"UpdateAssumeRolePolicy", "UpdateRole", "UpdateRoleDescription", "TagRole", "UntagRole"}
    | {"DeleteRole", "DeleteRolePolicy", "DetachRolePolicy"},
    "policy": {"CreatePolicy", "CreatePolicyVersion", "DeletePolicy", "DeletePolicyVersion"}
    | {"TagPolicy", "UntagPolicy"},
    "policy of the provisioning user": {"DeletePolicyVersion", "TagPolicy", "UntagPolicy"},
    "provider": {"CreateSAMLProvider", "DeleteSAMLProvider", "UpdateSAMLProvider"}
    | {"TagSAMLProvider", "UntagSAMLProvider"},
    "provisioning user": {"CreateAccessKey", "DeleteAccessKey", "UpdateAccessKey"}
    | {"TagUser", "UntagUser"},
}
"""All that changes something, by what it changes. The content of a policy is free, so a policy must
reach bounded roles only; a key is free, so what its user may do must not be."""


@cache
def document(file, partition):
    text = (REFERENCE / file).read_text().replace("arn:aws:", f"arn:{partition}:")
    return Policy.parse(json.loads(text), name=file)


def resources(partition):
    own = f"arn:{partition}:iam::{ACCOUNT}"
    return {
        "role": f"{own}:role/OktaDeveloper",
        "another role": f"{own}:role/Administrator",
        "a role with a path": f"{own}:role/admins/OktaDeveloper",
        "policy": f"{own}:policy/OktaReadsRoles",
        "policy of the provisioning user": f"{own}:policy/OktaMasterAccountPolicy",
        "boundary": f"{own}:policy/FederationBoundary",
        "AWS's policy": f"arn:{partition}:iam::aws:policy/AdministratorAccess",
        "provider": f"{own}:saml-provider/Okta",
        "another provider": f"{own}:saml-provider/OktaContractors",
        "provisioning user": f"{own}:user/OktaSSOuser",
        "another user": f"{own}:user/OktaSSOuser2",
        "group": f"{own}:group/OktaSSOusers",
        "another group": f"{own}:group/Administrators",
        "OIDC provider": f"{own}:oidc-provider/token.example.com",
        "role of another account": f"arn:{partition}:iam::111122223333:role/OktaDeveloper",
        "everything": "*",
    }


def contexts(partition):
    """The boundary that a role has or gets, and the policy that is attached."""
    own = f"arn:{partition}:iam::{ACCOUNT}:policy"
    boundaries = {
        "none": {},
        "right": {"iam:PermissionsBoundary": f"{own}/FederationBoundary"},
        "wide": {"iam:PermissionsBoundary": f"arn:{partition}:iam::aws:policy/AdministratorAccess"},
        "almost": {"iam:PermissionsBoundary": f"{own}/FederationBoundary2"},
    }
    policies = [f"arn:{partition}:iam::aws:policy/{name}" for name in ("IAMFullAccess", "Billing")]
    policies += [f"{own}/OktaReadsRoles", f"{own}/OktaMasterAccountPolicy"]
    for (name, boundary), policy in product(boundaries.items(), policies):
        yield name, boundary | {"iam:PolicyARN": policy}


def every_action():
    return [
        f"{service}:{each}" for service, names in snapshot()[1].items() for each in names.values()
    ]


@pytest.mark.parametrize("partition", NAMES)
def test_what_a_deployment_changes_is_what_was_reviewed(partition):
    policy = document("deployer-policy.json", partition)
    actions = [each for each in every_action() if each.startswith("iam:")]
    assert len(actions) > 150
    changes = {
        (kind, action.partition(":")[2], boundary)
        for action in actions
        if not action.startswith(READS)
        for kind, arn in resources(partition).items()
        for boundary, context in contexts(partition)
        if evaluate(Request(action, arn, context=context), identity=[policy]).allowed
    }

    states = ("none", "right", "wide", "almost")
    assert changes == {
        (kind, action, boundary)
        for kind, reviewed in REVIEWED.items()
        for action in reviewed
        for boundary in (("right",) if action in BOUNDED else states)
    }


@pytest.mark.parametrize("partition", NAMES)
def test_a_deployment_does_nothing_outside_iam(partition):
    policy = document("deployer-policy.json", partition)
    others = [each for each in every_action() if not each.startswith("iam:")]

    assert len(others) > 10_000
    for resource in ("*", f"arn:{partition}:iam::{ACCOUNT}:role/OktaDeveloper"):
        asked = (Request(action, resource) for action in others)
        assert [each.action for each in asked if evaluate(each, identity=[policy]).allowed] == []


@pytest.mark.parametrize("partition", NAMES)
def test_nobody_below_the_boundary_changes_iam_or_becomes_another_role(partition):
    """Whatever a role's policies say: here they say everything."""
    everything = Policy.parse(
        {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}, name="everything"
    )
    boundary = document("boundary-policy.json", partition)

    def allowed(action):
        return evaluate(Request(action), identity=[everything], boundary=[boundary]).allowed

    changes = [a for a in every_action() if a.startswith("iam:") and not a.startswith(READS)]
    assert [action for action in changes if allowed(action)] == []
    central = ("account", "identitystore", "organizations", "sso", "sso-directory")
    assert not any(allowed(a) for a in every_action() if a.split(":")[0] in central)
    open_methods = {
        name
        for name, method in escalation.ESCALATIONS.items()
        if all(allowed(action) for action in method.actions)
    }
    assert open_methods == set()
    assert allowed("s3:GetObject")
    assert allowed("iam:ListRoles")


@pytest.mark.parametrize("partition", NAMES)
def test_no_option_reaches_iam_or_another_role(partition):
    options = json.loads(
        (REFERENCE / "deployer-options.json").read_text().replace("arn:aws:", f"arn:{partition}:")
    )
    policies = [
        Policy.parse({"Statement": statements}, name=name) for name, statements in options.items()
    ]
    services = {
        each.split(":")[0]
        for statements in options.values()
        for statement in statements
        for each in statement["Action"]
    }

    assert services == {"events", "secretsmanager", "ssm"}
    for method in escalation.ESCALATIONS.values():
        assert not all(
            evaluate(Request(action), identity=policies).allowed for action in method.actions
        )
