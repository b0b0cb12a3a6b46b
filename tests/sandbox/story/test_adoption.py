"""Things made by hand come under the engine, and another project builds on the outputs."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

from sandbox.place import ROOT

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Federated": "arn:aws:iam::123456789012:saml-provider/Okta"},
            "Action": "sts:AssumeRoleWithSAML",
            "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
        }
    ],
}


def provider_urn(bench, package):
    deployment = json.loads(bench.stack.run("stack", "export", "--stack", "dev"))["deployment"]
    [urn] = [
        resource["urn"]
        for resource in deployment["resources"]
        if resource["type"] == f"pulumi:providers:{package}"
    ]
    return urn


def adopt(bench, kind, name, identifier, package):
    return bench.stack.run(
        *("import", "--stack", "dev", kind, name, identifier),
        *("--provider", f"provider={provider_urn(bench, package)}"),
        *("--yes", "--skip-preview", "--generate-code=false", "--protect=false"),
    )


def resource(bench, name):
    deployment = json.loads(bench.stack.run("stack", "export", "--stack", "dev"))["deployment"]
    [found] = [r for r in deployment["resources"] if r["urn"].endswith(f"::{name}")]
    return found


def test_a_role_and_a_group_made_by_hand_are_imported_as_they_are(bench):
    bench.stack.up()
    bench.aws("iam").create_role(
        RoleName="ByHand", AssumeRolePolicyDocument=json.dumps(TRUST), Description="clicked"
    )
    profile = {"name": "ByHand", "description": "clicked"}
    group = bench.okta("POST", "/api/v1/groups", json={"profile": profile})

    adopt(bench, "aws:iam/role:Role", "by-hand-role", "ByHand", "aws")
    adopt(bench, "okta:group/group:Group", "by-hand-group", group["id"], "okta")

    assert resource(bench, "by-hand-role")["outputs"]["description"] == "clicked"
    assert resource(bench, "by-hand-group")["outputs"]["name"] == "ByHand"


def test_a_consumer_adds_a_policy_and_a_role_of_its_own_and_learns_no_secret(bench):
    project = bench.place.folder / "examples" / "consumer"
    shutil.copytree(ROOT / "examples" / "consumer", project)
    (bench.place.folder / ".venv").symlink_to(ROOT / ".venv")
    consumer = replace(bench.stack, project=project)
    consumer.create()
    consumer.run(
        *("config", "set", "okta-aws-consumer:federation"),
        *("organization/okta-aws-federation/dev", "--stack", "dev"),
    )

    consumer.up()

    iam = bench.aws("iam")
    attached = iam.list_attached_role_policies(RoleName="OktaDeveloper")["AttachedPolicies"]
    assert "CloudWatchLogsReadOnlyAccess" in {policy["PolicyName"] for policy in attached}
    ours = iam.get_role(RoleName="OktaReports")["Role"]["AssumeRolePolicyDocument"]
    theirs = iam.get_role(RoleName="OktaDeveloper")["Role"]["AssumeRolePolicyDocument"]
    assert ours == theirs
    secret = bench.stack.outputs(secrets=True)["provisioningSecretAccessKey"].encode()
    states = [path for path in Path(bench.place.backend).rglob("*.json") if path.is_file()]
    assert any("consumer" in str(path) for path in states)
    assert not [path for path in states if secret in path.read_bytes()]
    consumer.destroy()
