"""The same things without an engine: `python -m tools.bench.floor VERB ROLES PEOPLE`; and as HCL.

The bare calls are one create, or one delete, for each thing: the least that any tool can make.
"""

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import boto3
import httpx

from okta_aws_federation.partitions import partition_named
from okta_aws_federation.trust_policy import Trust, build_document
from tools.bench.companies import ACCOUNT, company

ACCOUNTS = BARE_ACCOUNT, TERRAFORM_ACCOUNT = "200000000001", "200000000002"
"""One for each tool: an account has 1,000 roles at most."""
PARTITION = partition_named("aws")
PROVIDER = PARTITION.saml_provider_arn(ACCOUNT, "Bare")
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/BareListRoles"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
LIST_ROLES = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["iam:ListRoles"], "Resource": "*"}],
    }
)
TERRAFORM = {
    "preview": ("plan", "-no-color"),
    "up": ("apply", "-auto-approve", "-no-color"),
    "unchanged": ("apply", "-auto-approve", "-no-color"),
    "refresh": ("apply", "-refresh-only", "-auto-approve", "-no-color"),
    "destroy": ("destroy", "-auto-approve", "-no-color"),
}
APP = {
    "name": "amazon_aws",
    "label": "Bare",
    "signOnMode": "SAML_2_0",
    "settings": {"app": {"awsEnvironmentType": "aws.amazon", "identityProviderArn": PROVIDER}},
}


def trust_document(provider: str) -> str:
    """The trust policy of each role."""
    return json.dumps(build_document([provider], [PARTITION.sign_in_url], Trust()))


def okta() -> httpx.Client:
    """Okta's API, as the provider of the program reaches it."""
    return httpx.Client(
        base_url=os.environ["OKTA_HTTP_PROXY"],
        headers={"Authorization": f"SSWS {os.environ['OKTA_API_TOKEN']}"},
        trust_env=False,
    )


def call(client: httpx.Client, method: str, path: str, **arguments: Any) -> Any:
    """What Okta answers. Raises httpx.HTTPStatusError."""
    response = client.request(method, path, **arguments)
    response.raise_for_status()
    return response.json() if response.content else None


def metadata_of(client: httpx.Client, app: str) -> str:
    """The metadata document of an app."""
    return client.get(f"/api/v1/apps/{app}/sso/saml/metadata").raise_for_status().text


def create(sections: dict[str, Any], client: httpx.Client, iam: Any) -> dict[str, Any]:
    """Everything, with one call each; the ids that Okta made."""
    logins = sorted({each for group in sections["groups"].values() for each in group["members"]})
    users: dict[str, str] = {}
    for start in range(0, len(logins), 40):
        search = " or ".join(f'profile.login eq "{each}"' for each in logins[start : start + 40])
        found = call(client, "GET", "/api/v1/users", params={"search": search, "limit": 200})
        users |= {each["profile"]["login"]: each["id"] for each in found}
    app = call(client, "POST", "/api/v1/apps", json=APP)["id"]
    metadata = metadata_of(client, app)
    iam.create_saml_provider(Name="Bare", SAMLMetadataDocument=metadata)
    for role in sections["roles"]:
        trust = trust_document(PROVIDER)
        iam.create_role(RoleName=f"Bare{role}", AssumeRolePolicyDocument=trust)
        iam.attach_role_policy(RoleName=f"Bare{role}", PolicyArn=READ_ONLY)
    iam.create_user(UserName="Bare")
    iam.create_policy(PolicyName="BareListRoles", PolicyDocument=LIST_ROLES)
    iam.create_group(GroupName="Bare")
    iam.attach_group_policy(GroupName="Bare", PolicyArn=POLICY)
    iam.add_user_to_group(GroupName="Bare", UserName="Bare")
    key = iam.create_access_key(UserName="Bare")["AccessKey"]["AccessKeyId"]
    groups = []
    for priority, (name, group) in enumerate(sections["groups"].items(), start=1):
        profile = {"profile": {"name": f"Bare {name}"}}
        groups.append(call(client, "POST", "/api/v1/groups", json=profile)["id"])
        body = {
            "priority": priority,
            "profile": {"samlRoles": [f"Bare{each}" for each in group["roles"]]},
        }
        call(client, "PUT", f"/api/v1/apps/{app}/groups/{groups[-1]}", json=body)
        for login in group["members"]:
            call(client, "PUT", f"/api/v1/groups/{groups[-1]}/users/{users[login]}")
    return {"app": app, "groups": groups, "key": key}


def delete(sections: dict[str, Any], client: httpx.Client, iam: Any, ids: dict[str, Any]) -> None:
    """Everything again; a group takes its memberships and assignments with it."""
    for group in ids["groups"]:
        call(client, "DELETE", f"/api/v1/groups/{group}")
    call(client, "POST", f"/api/v1/apps/{ids['app']}/lifecycle/deactivate")
    call(client, "DELETE", f"/api/v1/apps/{ids['app']}")
    iam.delete_access_key(UserName="Bare", AccessKeyId=ids["key"])
    iam.remove_user_from_group(GroupName="Bare", UserName="Bare")
    iam.detach_group_policy(GroupName="Bare", PolicyArn=POLICY)
    iam.delete_group(GroupName="Bare")
    iam.delete_policy(PolicyArn=POLICY)
    iam.delete_user(UserName="Bare")
    for role in sections["roles"]:
        iam.detach_role_policy(RoleName=f"Bare{role}", PolicyArn=READ_ONLY)
        iam.delete_role(RoleName=f"Bare{role}")
    iam.delete_saml_provider(SAMLProviderArn=PROVIDER)


def write_terraform(folder: Path, roles: int, client: httpx.Client) -> None:
    """The AWS half as Terraform's JSON, with the metadata of an app that is created for it."""
    folder.mkdir()
    metadata = metadata_of(client, call(client, "POST", "/api/v1/apps", json=APP)["id"])
    (folder / "metadata.xml").write_text(metadata)
    names = {f"role{n}": f"Terraform{n}" for n in range(roles)}
    user, group = "${aws_iam_user.okta.name}", "${aws_iam_group.okta.name}"
    policy = "${aws_iam_policy.okta.arn}"
    document = {
        "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws"}}},
        "provider": {"aws": {"region": "us-east-1", "allowed_account_ids": [TERRAFORM_ACCOUNT]}},
        "resource": {
            "aws_iam_saml_provider": {
                "okta": {
                    "name": "Terraform",
                    "saml_metadata_document": '${file("metadata.xml")}',
                }
            },
            "aws_iam_role": {
                key: {
                    "name": name,
                    "assume_role_policy": trust_document("${aws_iam_saml_provider.okta.arn}"),
                }
                for key, name in names.items()
            },
            "aws_iam_role_policy_attachment": {
                key: {"role": f"${{aws_iam_role.{key}.name}}", "policy_arn": READ_ONLY}
                for key in names
            },
            "aws_iam_user": {"okta": {"name": "Terraform"}},
            "aws_iam_policy": {"okta": {"name": "TerraformListRoles", "policy": LIST_ROLES}},
            "aws_iam_group": {"okta": {"name": "Terraform"}},
            "aws_iam_group_policy_attachment": {"okta": {"group": group, "policy_arn": policy}},
            "aws_iam_user_group_membership": {"okta": {"user": user, "groups": [group]}},
            "aws_iam_access_key": {"okta": {"user": user}},
        },
    }
    (folder / "main.tf.json").write_text(json.dumps(document))


def write_bare_program(folder: Path, roles: int, client: httpx.Client) -> None:
    """A project of `bare_program.py` with the same roles, and an app's metadata."""
    folder.mkdir()
    options = {"toolchain": "pip", "virtualenv": sys.prefix}
    project = {"name": "bare", "runtime": {"name": "python", "options": options}}
    (folder / "Pulumi.yaml").write_text(json.dumps(project))
    shutil.copy(Path(__file__).with_name("bare_program.py"), folder / "__main__.py")
    metadata = metadata_of(client, call(client, "POST", "/api/v1/apps", json=APP)["id"])
    (folder / "metadata.xml").write_text(metadata)
    values = {
        "roles": [f"BarePulumi{n}" for n in range(roles)],
        "trust": trust_document("PROVIDER"),
        "policy": READ_ONLY,
        "listRoles": LIST_ROLES,
    }
    (folder / "values.json").write_text(json.dumps(values))


def main(verb: str, roles: int, people: int) -> None:
    """Create everything and leave the ids in a file, or delete it again."""
    sections, iam = company(roles, people), boto3.client("iam")
    file = Path(os.environ["PULUMI_HOME"]) / "bare.json"
    with okta() as client:
        if verb == "up":
            file.write_text(json.dumps(create(sections, client, iam)))
        else:
            delete(sections, client, iam, json.loads(file.read_text()))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
