"""Unmodified SDK programs, the real engine, both plugins, both local clouds."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandbox.engine import prepare
from sandbox.errors import SandboxError
from sandbox.faults import Fault
from sandbox.stack import Stack, counts

ACCOUNT = "123456789012"

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
        ],
    }
)

# What a test changes is in braces.
STORY = """
import json
import pulumi
import pulumi_aws as aws
import pulumi_okta as okta

cloud = aws.Provider("aws", region="us-east-1", allowed_account_ids=["{account}"])
org = okta.Provider("okta")
here, there = pulumi.ResourceOptions(provider=cloud), pulumi.ResourceOptions(provider=org)
app = okta.app.Saml(
    "app",
    label="AWS",
    preconfigured_app="amazon_aws",
    app_settings_json=json.dumps({{
        "appFilter": "okta",
        "awsEnvironmentType": "aws.amazon",
        "groupFilter": "aws_(?{{{{accountid}}}}\\\\d+)_(?{{{{role}}}}[a-zA-Z0-9+=,.@_-]+)",
        "identityProviderArn": "arn:aws:iam::{account}:saml-provider/Okta",
        "joinAllRoles": False,
        "loginURL": "https://console.aws.amazon.com/ec2/home",
        "roleValuePattern": "arn:aws:iam::${{accountid}}:saml-provider/Okta",
        "sessionDuration": {seconds},
        "useGroupMapping": False,
    }}),
    skip_authentication_policy=True,
    opts=there,
)
provider = aws.iam.SamlProvider(
    "provider", name="Okta", saml_metadata_document=app.metadata, opts=here
)
trust = pulumi.Output.json_dumps({{
    "Version": "2012-10-17",
    "Statement": [{{
        "Effect": "Allow",
        "Principal": {{"Federated": provider.arn}},
        "Action": "sts:AssumeRoleWithSAML",
        "Condition": {{"StringEquals": {{"SAML:aud": "https://signin.aws.amazon.com/saml"}}}},
    }}],
}})
role = aws.iam.Role(
    "role",
    name="{role}",
    assume_role_policy=trust,
    description="{description}",
    opts=here,
)
aws.iam.RolePolicyAttachment(
    "reads",
    role=role.name,
    policy_arn="arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess",
    opts=here,
)
user = aws.iam.User("user", opts=here)
key = aws.iam.AccessKey("key", user=user.name, opts=here)
group = okta.group.Group("group", name="AWSDeveloper", description="Developers", opts=there)
okta.app.GroupAssignment(
    "assignment",
    app_id=app.id,
    group_id=group.id,
    priority=1,
    profile=json.dumps({{"role": None, "samlRoles": ["{role}"]}}),
    opts=there,
)
ada = okta.user.get_user_output(
    searches=[{{"name": "profile.login", "value": "ada@example.com"}}],
    skip_groups=True,
    skip_roles=True,
    opts=pulumi.InvokeOutputOptions(provider=org),
)
okta.UserGroupMemberships("ada", user_id=ada.id, groups=[group.id], opts=there)
pulumi.export("user", user.name)
pulumi.export("key", key.id)
pulumi.export("secret", key.secret)
pulumi.export("arn", provider.arn)
"""
MADE = 12  # the stack, two providers, nine resources


def story(**changes):
    given = {"account": ACCOUNT, "role": "R1", "description": "Reads", "seconds": 3600}
    return STORY.format(**given | changes)


@pytest.fixture(scope="session")
def engine(tmp_path_factory):
    """The engine as it is built here, whatever is installed: the plugins are beside it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SANDBOX_ENGINE", "build")
        return prepare(tmp_path_factory.mktemp("engine") / "bin", report=print)


class Program(Stack):
    """A project whose program a test writes."""

    def write(self, text):
        (self.project / "__main__.py").write_text(text)
        return self

    def state(self):
        """The bytes that are on the disk."""
        (found,) = Path(self.variables["STATE"]).rglob("dev.json")
        return found.read_text()

    def does(self, *arguments):
        """What a command did to how many resources; the sum of all changes is left out."""
        said = counts(self.run(*arguments))
        return {what: number for what, number in said.items() if what != "changes"}

    def up(self):
        return self.does("up", "--yes", "--skip-preview")

    def refresh(self):
        return self.does("refresh", "--yes", "--skip-preview")

    def remembered(self):
        """Id, inputs and outputs by name, but for the stack itself."""
        return {
            name: (one.get("id"), one.get("inputs"), one.get("outputs"))
            for name, one in self.resources().items()
            if one["custom"]
        }

    def resources(self):
        deployment = json.loads(self.run("stack", "export", "--show-secrets"))["deployment"]
        return {one["urn"].rpartition("::")[2]: one for one in deployment.get("resources", [])}


@pytest.fixture
def program(engine, cloud, directory, tmp_path):
    key = cloud.local.administrators[ACCOUNT]
    variables = engine.environment(
        backend=tmp_path / "state", passphrase="words", home=tmp_path / "home"
    ) | {
        "AWS_ENDPOINT_URL": cloud.local.url,
        "AWS_ACCESS_KEY_ID": key.access_key_id,
        "AWS_SECRET_ACCESS_KEY": key.secret_access_key,
        "OKTA_HTTP_PROXY": directory.local.url,
        "OKTA_API_TOKEN": directory.local.token,
        "STATE": str(tmp_path / "state"),
    }
    project = tmp_path / "project"
    project.mkdir()
    runtime = {"name": "python", "options": {"virtualenv": sys.prefix}}
    (project / "Pulumi.yaml").write_text(json.dumps({"name": "plugins", "runtime": runtime}))
    found = Program(name="dev", project=project, variables=variables, log=tmp_path / "pulumi.log")
    found.create()
    return found


def test_the_story_from_nothing_to_nothing(program, cloud, directory):
    program.write(story())

    preview = program.run("preview")
    assert f"+ {MADE} to create" in preview
    assert cloud.iam.list_saml_providers()["SAMLProviderList"] == []

    assert program.up() == {"created": MADE}
    outputs = program.outputs(secrets=True)
    assert outputs["arn"] == f"arn:aws:iam::{ACCOUNT}:saml-provider/Okta"
    [stored] = cloud.iam.list_access_keys(UserName=outputs["user"])["AccessKeyMetadata"]
    assert stored["AccessKeyId"] == outputs["key"]
    assert len(outputs["secret"]) == 40
    assert program.outputs()["secret"] == "[secret]"
    assert outputs["secret"] not in program.state(), "secrets are encrypted where they are kept"
    assert directory.local.token not in program.state()

    assert program.up() == {"unchanged": MADE}
    assert program.run("preview").count("unchanged") == 1

    program.write(story(description="Reads more", seconds=7200))
    assert program.up() == {"updated": 2, "unchanged": MADE - 2}
    assert cloud.iam.get_role(RoleName="R1")["Role"]["Description"] == "Reads more"

    program.write(story(role="R2", description="Reads more", seconds=7200))
    replaced = program.up()
    assert replaced == {"updated": 1, "replaced": 2, "unchanged": MADE - 3}
    roles = {role["RoleName"] for role in cloud.iam.list_roles()["Roles"]}
    assert "R2" in roles
    assert "R1" not in roles

    assert program.destroy() == {"deleted": MADE}
    assert cloud.iam.list_saml_providers()["SAMLProviderList"] == []
    assert directory.call("GET", "/api/v1/apps") == []


def test_changes_made_by_hand_are_seen_and_repaired(program, cloud, directory):
    program.write(story())
    program.up()
    user = program.outputs()["user"]
    [group] = directory.call("GET", "/api/v1/groups?q=AWSDeveloper")
    profile = {"name": "AWSDeveloper", "description": "Somebody's"}

    cloud.iam.update_role_description(RoleName="R1", Description="by hand")
    cloud.iam.detach_role_policy(
        RoleName="R1", PolicyArn="arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"
    )
    cloud.iam.delete_access_key(UserName=user, AccessKeyId=program.outputs()["key"])
    directory.call("PUT", f"/api/v1/groups/{group['id']}", {"profile": profile})

    seen = program.refresh()
    assert seen == {"updated": 2, "deleted": 2, "unchanged": MADE - 4}
    assert program.up() == {"created": 2, "updated": 2, "unchanged": MADE - 4}

    assert cloud.iam.get_role(RoleName="R1")["Role"]["Description"] == "Reads"
    assert directory.call("GET", f"/api/v1/groups/{group['id']}")["profile"]["description"] == (
        "Developers"
    )
    assert program.refresh() == {"unchanged": MADE}
    assert program.up() == {"unchanged": MADE}


def test_what_was_made_by_hand_is_adopted(program, cloud, directory):
    cloud.iam.create_role(RoleName="by-hand", AssumeRolePolicyDocument=TRUST)
    made = {"profile": {"name": "By hand", "description": "Somebody's"}}
    group = directory.call("POST", "/api/v1/groups", made)
    body = """
import pulumi_aws as aws, pulumi_okta as okta, pulumi
aws.iam.Role("role", name="by-hand", assume_role_policy={trust!r}, description="Ours",
    opts=pulumi.ResourceOptions(import_="by-hand"))
okta.group.Group("group", name="By hand", description="Somebody's",
    opts=pulumi.ResourceOptions(import_={group!r}))
""".format(trust=TRUST, group=group["id"])
    program.write(body)

    adopted = program.up()

    assert adopted["imported"] == 2
    assert cloud.iam.get_role(RoleName="by-hand")["Role"]["Description"] == "Ours"
    assert program.resources()["role"]["importID"] == "by-hand"
    assert program.up() == {"unchanged": 3}


def test_an_import_on_the_command_line_takes_what_is_there(program, cloud):
    cloud.iam.create_group(GroupName="by-hand")
    program.write("")

    program.run("import", "aws:iam/group:Group", "it", "by-hand", "--yes", "--generate-code=false")

    found = program.resources()["it"]
    assert found["id"] == "by-hand"
    assert found["inputs"] == {"__defaults": [], "name": "by-hand"}


def test_an_app_that_could_not_be_finished_is_not_made_twice(program, directory):
    directory.fail("GET", "/api/v1/apps/*/sso/saml/metadata", 404)
    program.write(
        "import pulumi_okta as okta\n"
        "okta.app.Saml('app', label='AWS', preconfigured_app='amazon_aws',"
        " skip_authentication_policy=True)\n"
    )

    with pytest.raises(SandboxError, match="failed to get app's SAML metadata"):
        program.up()
    assert program.up() == {"updated": 1, "unchanged": 1}

    [app] = directory.call("GET", "/api/v1/apps")
    assert program.resources()["app"]["id"] == app["id"]
    assert program.resources()["app"]["outputs"]["metadata"]


def test_another_account_than_the_programs_fails_the_preview(program):
    program.write(story().replace(f'["{ACCOUNT}"]', '["210987654321"]'))

    with pytest.raises(SandboxError, match=f"AWS account ID not allowed: {ACCOUNT}"):
        program.run("preview")


@pytest.mark.parametrize(
    ("variable", "changes", "said"),
    [
        ("AWS_ENDPOINT_URL", {"description": "New"}, "unable to validate AWS credentials"),
        ("OKTA_HTTP_PROXY", {"seconds": 7200}, "failed validate configuration"),
    ],
)
def test_a_cloud_that_is_down_fails_an_update_and_leaves_the_state(
    program, variable, changes, said
):
    program.write(story())
    program.up()
    before = program.remembered()

    program.variables[variable] = "http://127.0.0.1:9"
    program.write(story(**changes))
    with pytest.raises(SandboxError, match=said) as refusal:
        program.up()

    assert "Traceback" not in str(refusal.value)
    assert program.remembered() == before


def test_a_wrong_argument_fails_the_preview_and_names_the_resource(program, cloud):
    program.write(
        "import pulumi_aws as aws\n"
        f"aws.iam.Role('r', name='a role', max_session_duration=10, assume_role_policy={TRUST!r})\n"
    )

    with pytest.raises(SandboxError) as refusal:
        program.run("preview")

    for said in (
        "aws:iam/role:Role resource 'r' has a problem: expected max_session_duration to be in "
        "the range (3600 - 43200), got 10",
        r"aws:iam/role:Role resource 'r' has a problem: invalid value for name "
        r"(must match [\w+=,.@-])",
    ):
        assert said in str(refusal.value)


def test_a_killed_engine_leaves_no_plugin_behind(program, directory):
    program.write(story())
    directory.local.org.faults.add(Fault(effect="delay", seconds=5, times=None))
    mark = f"STATE={program.variables['STATE']}".encode()
    started = subprocess.Popen(
        ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive"],
        cwd=program.project,
        env=os.environ | program.variables,
        stdin=subprocess.DEVNULL,
        stdout=program.log.open("ab"),
        stderr=subprocess.STDOUT,
    )

    def plugins():
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                ours = mark in (process / "environ").read_bytes().split(b"\0")
                if ours and b"sandbox.plugins" in (process / "cmdline").read_bytes():
                    found.append(process.name)
            except OSError:  # it has ended meanwhile
                continue
        return found

    deadline = time.monotonic() + 30
    while len(plugins()) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert plugins(), program.log.read_text()
    started.send_signal(signal.SIGKILL)
    started.wait()

    deadline = time.monotonic() + 5
    while plugins() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert plugins() == []


def test_arguments_that_exclude_each_other_are_refused_in_the_published_plugins_words(program):
    program.write(
        "import pulumi_okta as okta\n"
        "okta.app.Saml('federation-app', label='AWS', preconfigured_app='amazon_aws',"
        " authentication_policy='rst1', skip_authentication_policy=False)\n"
    )

    with pytest.raises(SandboxError) as refusal:
        program.run("preview")

    assert (
        "okta:app/saml:Saml resource 'federation-app' has a problem: Conflicting configuration "
        'arguments. "skip_authentication_policy": conflicts with authentication_policy. Examine '
        "values at 'federation-app.skipAuthenticationPolicy'."
    ) in str(refusal.value)
