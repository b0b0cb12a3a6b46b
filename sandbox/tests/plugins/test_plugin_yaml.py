"""A program in Pulumi YAML, which knows the plugins by their `GetSchema` alone."""

import json

import pytest

from sandbox.engine import prepare
from sandbox.engine.protos import provider_pb2
from sandbox.errors import SandboxError
from sandbox.plugins.aws.package import PACKAGE as AWS
from sandbox.plugins.okta.package import PACKAGE as OKTA
from sandbox.stack import Stack, counts

ACCOUNT = "123456789012"
PROGRAM = """
name: yaml
runtime: yaml
variables:
  ada:
    fn::invoke:
      function: okta:user:getUser
      arguments:
        searches: [{name: profile.login, value: ada@example.com}]
        skipGroups: true
        skipRoles: true
  me:
    fn::invoke: {function: "aws:getCallerIdentity"}
resources:
  group:
    type: okta:group:Group
    properties: {name: AWSDeveloper, description: %s}
  membership:
    type: okta:UserGroupMemberships
    properties: {userId: "${ada.id}", groups: ["${group.id}"]}
  role:
    type: aws:iam:Role
    properties:
      name: R1
      assumeRolePolicy:
        fn::toJSON:
          Version: "2012-10-17"
          Statement:
            - {Effect: Allow, Principal: {AWS: "${me.accountId}"}, Action: "sts:AssumeRole"}
  kay:
    type: okta:user:User
    properties: {login: kay@example.com, email: kay@example.com, firstName: Kay, lastName: M,
                 password: Correct-Horse-7}
outputs:
  arn: ${role.arn}
  group: ${group.id}
"""


@pytest.fixture(scope="module")
def yaml_engine(tmp_path_factory):
    return prepare(tmp_path_factory.mktemp("engine") / "bin", report=print, yaml=True)


@pytest.fixture
def program(yaml_engine, cloud, directory, tmp_path):
    key = cloud.local.administrators[ACCOUNT]
    variables = yaml_engine.environment(
        backend=tmp_path / "state", passphrase="words", home=tmp_path / "home"
    ) | {
        "AWS_ENDPOINT_URL": cloud.local.url,
        "AWS_ACCESS_KEY_ID": key.access_key_id,
        "AWS_SECRET_ACCESS_KEY": key.secret_access_key,
        "AWS_REGION": "us-east-1",
        "OKTA_HTTP_PROXY": directory.local.url,
        "OKTA_API_TOKEN": directory.local.token,
    }
    project = tmp_path / "project"
    project.mkdir()
    (project / "Pulumi.yaml").write_text(PROGRAM % "Developers")
    stack = Stack(name="dev", project=project, variables=variables, log=tmp_path / "pulumi.log")
    stack.create()
    return stack


def test_a_yaml_program_is_made_read_changed_and_taken_down(program, cloud, directory):
    assert program.up() == {"created": 5}
    outputs = program.outputs()
    assert outputs["arn"] == f"arn:aws:iam::{ACCOUNT}:role/R1"
    ada = directory.user_id("ada@example.com")
    members = directory.call("GET", f"/api/v1/groups/{outputs['group']}/users")
    assert [member["id"] for member in members] == [ada]

    assert program.up() == {"unchanged": 5}
    assert counts(program.run("refresh", "--yes", "--skip-preview")) == {"unchanged": 5}
    (program.project / "Pulumi.yaml").write_text(PROGRAM % "Others")
    assert program.up() == {"updated": 1, "unchanged": 4}
    assert "Correct-Horse-7" not in program.run("stack", "export"), "the schema says it is a secret"

    assert program.destroy() == {"deleted": 5}
    assert cloud.iam.list_roles()["Roles"] == []


def test_an_argument_that_the_schema_does_not_have_is_named_with_its_line(program):
    text = (PROGRAM % "Developers").replace("description: Developers", "descripton: x")
    (program.project / "Pulumi.yaml").write_text(text)

    with pytest.raises(SandboxError, match="descripton"):
        program.run("preview")


@pytest.mark.parametrize("package", [AWS, OKTA], ids=lambda package: package.sdk)
def test_the_schema_has_every_type_and_look_up(start, package):
    answer = start(package).stub.GetSchema(provider_pb2.GetSchemaRequest())

    schema = json.loads(answer.schema)
    assert schema["resources"].keys() == {resource.type for resource in package.resources}
    assert schema["functions"].keys() == package.lookups.keys()
    for resource in package.resources:
        made = schema["resources"][resource.type]
        assert made["inputProperties"].keys() == resource.inputs.keys()
        assert made["properties"].keys() == {*resource.inputs, *resource.outputs}
        assert set(made["requiredInputs"]) == {
            n for n, one in resource.inputs.items() if one.required
        }
        marked = {name for name, one in made["properties"].items() if one.get("secret")}
        assert marked == set(resource.secrets)
