"""Things made by hand come under the engine."""

import json

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
