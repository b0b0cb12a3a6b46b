"""`python -m settings new`: a stack file that would deploy, or a line that says why not."""

import io
import json
import os
import pty
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from settings import __main__ as command_line
from settings import read

ROOT = Path(__file__).parents[3]
FLAGS = {
    "--account-id": "111122223333",
    "--region": "eu-west-1",
    "--role": "OktaDeveloper",
    "--policy": "AmazonEC2ReadOnlyAccess",
    "--group": "AWSStagingDeveloper",
    "--member": "ada@example.com",
    "--owner": "identity",
}
DONE, UNUSABLE, INTERRUPTED = 0, 2, 130


@pytest.fixture
def project(tmp_path):
    """The project's folder, with its two stacks."""
    for file in ROOT.glob("Pulumi*.yaml"):
        shutil.copy(file, tmp_path)
    return tmp_path


@pytest.fixture
def new(project, monkeypatch, capsys):
    """Run the command, away from a terminal; answers with exit code, output and complaint."""
    monkeypatch.chdir(project)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    for variable in ("OKTA_ORG_NAME", "OKTA_BASE_URL"):
        monkeypatch.delenv(variable, raising=False)

    def new(*more, name="staging", **changes):
        given = FLAGS | {"--" + flag.replace("_", "-"): value for flag, value in changes.items()}
        flags = [part for flag, value in given.items() if value for part in (flag, value)]
        monkeypatch.setattr(sys, "argv", [*command(name)[2:], *flags, *more])
        code = command_line.main()
        return code, *capsys.readouterr()

    return new


def command(name):
    return [sys.executable, "-m", "settings", "new", name]


def environment():
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def files(project):
    return {path.name: path.read_text() for path in project.iterdir()}


def test_the_new_file_says_what_was_given_and_the_settings_take_it(new, project):
    code, printed, _ = new("--policy", "ReadOnlyAccess", "--can", "ec2:DescribeInstances")

    assert code == DONE
    assert "pulumi stack init staging" in printed
    stack = read(project / "Pulumi.staging.yaml")
    assert (stack.account.id, stack.account.region) == ("111122223333", "eu-west-1")
    assert stack.roles["OktaDeveloper"].managed_policies == (
        "AmazonEC2ReadOnlyAccess",
        "ReadOnlyAccess",
    )
    assert stack.groups["AWSStagingDeveloper"].members == ("ada@example.com",)
    [expected] = stack.expect
    assert expected.group == "AWSStagingDeveloper"
    assert [str(asked) for asked in expected.can] == ["ec2:DescribeInstances"]
    assert not stack.protect


def config(project):
    file = yaml.safe_load((project / "Pulumi.staging.yaml").read_text())
    return {key.removeprefix("okta-aws-federation:"): each for key, each in file["config"].items()}


PLAIN = {
    "accounts": {"main": {"id": "111122223333", "region": "eu-west-1"}},
    "app": {"label": "AWS staging", "provider": "Okta", "sessionHours": 1},
    "roles": {"OktaDeveloper": {"managedPolicies": ["AmazonEC2ReadOnlyAccess"]}},
    "provisioning": {"keys": ["first"], "integration": "pending"},
    "groups": {"AWSStagingDeveloper": {"roles": ["OktaDeveloper"], "members": ["ada@example.com"]}},
    "tags": {"owner": "identity"},
    "protect": False,
}


def test_the_file_has_just_what_the_flags_say(new, project):
    assert new()[0] == DONE

    assert config(project) == PLAIN
    assert list(config(project)) == list(PLAIN)


def test_every_flag_is_data_of_the_file(new, project):
    wanted = {"can": ["ec2:DescribeInstances", "ec2:DescribeTags"], "cannot": ["iam:*"]}
    flags = [
        part for key, values in wanted.items() for each in values for part in (f"--{key}", each)
    ]

    new("--protect", "--label", "AWS, Zürich", "--okta-org", "acme.okta-emea.com", *flags)

    assert config(project) == PLAIN | {
        "app": PLAIN["app"] | {"label": "AWS, Zürich"},
        "expect": [{"group": "AWSStagingDeveloper", **wanted}],
        "okta": {"org": "acme", "baseUrl": "okta-emea.com"},
        "protect": True,
    }
    assert "label: AWS, Zürich\n" in (project / "Pulumi.staging.yaml").read_text()


@pytest.mark.parametrize(
    ("variables", "flags", "okta"),
    [
        ({"OKTA_ORG_NAME": "acme"}, [], {"org": "acme", "baseUrl": "okta.com"}),
        (
            {"OKTA_ORG_NAME": "acme", "OKTA_BASE_URL": "oktapreview.com"},
            [],
            {"org": "acme", "baseUrl": "oktapreview.com"},
        ),
        (
            {"OKTA_ORG_NAME": "acme"},
            ["--okta-org", "other"],
            {"org": "other", "baseUrl": "okta.com"},
        ),
        ({"OKTA_ORG_NAME": "acme"}, ["--okta-org", ""], None),
    ],
)
def test_the_org_is_that_of_the_flag_or_of_the_provider_s_variables(
    new, project, monkeypatch, variables, flags, okta
):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert new(*flags)[0] == DONE

    assert config(project).get("okta") == okta


HELP = """\
usage: python -m settings new [-h] [--account-id ID] [--region REGION] [--role NAME]
[--policy POLICY] [--group NAME] [--member LOGIN] [--owner TEAM] [--can ACTION] [--cannot ACTION]
[--okta-org HOST] [--label LABEL] [--protect] [--json] NAME
Write the stack file of a new environment, checked as a deployment would.
positional arguments: NAME the stack's name, such as staging
options: -h, --help show this help message and exit
--account-id ID AWS account of the environment, 12 digits
--region REGION region of the account, such as us-east-1
--role NAME AWS role, such as OktaDeveloper
--policy POLICY what it may do: managed policies, as ReadOnlyAccess; can be repeated
--group NAME Okta group whose members assume the role
--member LOGIN the group's people, by login; can be repeated
--owner TEAM tag `owner` of everything in AWS, such as identity
--can ACTION what the group must be able to do, such as ec2:DescribeInstances; can be repeated
--cannot ACTION and what not, such as ec2:DescribeInstances; can be repeated
--okta-org HOST Okta org that the stack is for, such as acme.okta.com (OKTA_ORG_NAME.OKTA_BASE_URL)
--label LABEL the tile's name in Okta ("AWS NAME")
--protect refuse to delete what people sign in with
--json for programs
On a terminal, what is missing is asked for. An existing file is left alone.
"""


@pytest.mark.parametrize(
    ("arguments", "code", "page"),
    [
        (["new", "--help"], DONE, HELP),
        (
            ["--help"],
            DONE,
            "usage: python -m settings [-h] COMMAND ... `python -m settings`: a new environment, "
            "as a stack file that would deploy. positional arguments: COMMAND new write "
            "Pulumi.NAME.yaml options: -h, --help show this help message and exit",
        ),
        (
            [],
            UNUSABLE,
            "usage: python -m settings [-h] COMMAND ... python -m settings: error: the following "
            "arguments are required: COMMAND",
        ),
    ],
)
def test_help_has_each_flag_with_what_it_takes_and_means(capsys, arguments, code, page):
    with pytest.raises(SystemExit) as ended:
        command_line.parser().parse_args(arguments)

    assert ended.value.code == code
    assert " ".join("".join(capsys.readouterr()).split()) == " ".join(page.split())


def test_the_next_commands_are_of_the_new_stack(new):
    assert new(name="eu.staging")[1] == (
        "wrote Pulumi.eu.staging.yaml\n\n"
        "  python -m access check Pulumi.eu.staging.yaml\n"
        "  pulumi stack init eu.staging\n"
        "  pulumi preview --stack eu.staging\n"
    )


def test_a_folder_that_can_t_be_written_is_named_in_one_line(new, project, monkeypatch):
    opened = Path.open

    def refuse(path, mode="r", *more, **others):
        if mode == "x":
            raise PermissionError(13, "Permission denied", path.name)
        return opened(path, mode, *more, **others)

    monkeypatch.setattr(Path, "open", refuse)

    path = project / "Pulumi.staging.yaml"
    assert new() == (UNUSABLE, "", f"{path}: can't be written: Permission denied\n")


def test_of_a_file_that_a_full_disk_cuts_off_nothing_stays(new, project):
    before = files(project)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        code, printed, complaint = new()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    path = project / "Pulumi.staging.yaml"
    assert (code, printed, complaint) == (
        UNUSABLE,
        "",
        f"{path}: can't be written: File too large\n",
    )
    assert files(project) == before


def test_a_text_that_looks_like_a_number_is_written_so_that_every_reader_takes_it_for_one(
    new, project
):
    assert new(owner="1e3", role="0o17", group="on")[0] == DONE

    assert read(project / "Pulumi.staging.yaml").tags == {"owner": "1e3"}
    assert 'owner: "1e3"\n' in (project / "Pulumi.staging.yaml").read_text()


def test_an_editor_finds_the_schema_in_the_first_line(new, project):
    new()

    first = (project / "Pulumi.staging.yaml").read_text().splitlines()[0]
    assert (ROOT / first.partition("$schema=")[2]).is_file()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"account_id": "1234"},
            "okta-aws-federation:accounts.main.id = '1234': must be 12 digits; "
            'write the account id in quotes: "123456789012"\n',
        ),
        (
            {"account_id": "123456789012"},
            "okta-aws-federation:accounts.main.id = '123456789012': is an account of "
            "Pulumi.dev.yaml too, which has names such as Okta; give each environment an account "
            "of its own\n",
        ),
        (
            {"group": "AWSDeveloper"},
            "okta-aws-federation:groups.AWSDeveloper: is a group of Pulumi.dev.yaml too, and Okta "
            "has one of a name; name the environment in it\n",
        ),
        (
            {"region": None, "member": None},
            "--region, --member: missing; give it, or run this on a terminal to be asked\n",
        ),
        (
            {"name": "a/b"},
            "NAME = 'a/b': must be 1 to 100 letters, digits or . _ -; rename the stack\n",
        ),
        (
            {"can": "ec2:DescribeInstances", "cannot": "ec2:Describe*"},
            "group AWSStagingDeveloper can, as OktaDeveloper: allowed by statement 1 of AmazonEC2",
        ),
        (
            {"policy": "AmazonEC2ReadOnyAccess"},
            "roles.OktaDeveloper = 'AmazonEC2ReadOnyAccess': is not among the policies of AWS",
        ),
        ({"region": "eu-west-9"}, "accounts.main.region = 'eu-west-9': is not a region that AWS"),
        ({"name": "dev"}, "Pulumi.dev.yaml: is there already; edit it, or choose another name\n"),
    ],
)
def test_what_would_not_deploy_is_said_in_a_line_and_nothing_is_written(
    new, project, changes, said
):
    before = files(project)

    code, printed, error = new(**changes)

    assert (code, printed) == (UNUSABLE, "")
    assert said.removesuffix("\n") in error.splitlines() if said.endswith("\n") else said in error
    assert files(project) == before


def test_outside_of_the_project_s_folder_nothing_is_written(new, project):
    (project / "Pulumi.yaml").unlink()

    code, _, said = new()

    assert code == UNUSABLE
    assert said.endswith("has no Pulumi.yaml; run this in the project's folder\n")
    assert not (project / "Pulumi.staging.yaml").exists()


def test_programs_are_told_the_file_as_json(new):
    assert json.loads(new("--json")[1]) == {"file": "Pulumi.staging.yaml"}


class Terminal(io.StringIO):
    """What a person types."""

    def isatty(self):
        return True


@pytest.fixture
def typed(new, monkeypatch):
    """Run the command on a terminal with an account and a region as flags, and the rest typed."""

    def typed(text):
        monkeypatch.setattr(sys, "stdin", Terminal(text))
        return new(**dict.fromkeys(("role", "policy", "group", "member", "owner")))

    return typed


def test_a_person_on_a_terminal_is_asked_for_what_is_missing(typed, project):
    code, asked, _ = typed(
        "OktaDeveloper\nReadOnlyAccess\n AWSStaging\nada@example.com grace@example.com\nidentity\n"
        " acme.oktapreview.com\n"
    )

    assert code == DONE
    assert asked.startswith(
        "AWS role, such as OktaDeveloper: what it may do: managed policies, as ReadOnlyAccess, "
        "with spaces between: Okta group whose members assume the role: the group's people, by "
        "login, with spaces between: tag `owner` of everything in AWS, such as identity: Okta org, "
        "such as acme.okta.com (empty: whichever a run calls): wrote Pulumi.staging.yaml\n"
    )
    assert config(project)["groups"] == {
        "AWSStaging": {
            "roles": ["OktaDeveloper"],
            "members": ["ada@example.com", "grace@example.com"],
        }
    }
    assert config(project)["okta"] == {"org": "acme", "baseUrl": "oktapreview.com"}


def test_who_ends_the_input_has_written_nothing(typed, project):
    code, _, error = typed("OktaDeveloper\n")

    assert (code, error) == (INTERRUPTED, "\ninterrupted: nothing was written\n")
    assert not (project / "Pulumi.staging.yaml").exists()


def test_the_module_runs_as_a_command(project):
    """In a process of its own, on a real terminal that is closed at the second prompt."""
    ours, theirs = pty.openpty()
    account = ["--account-id", "111122223333", "--region", "eu-west-1"]
    try:
        process = subprocess.Popen(
            [*command("staging"), *account], cwd=project, env=environment(), stdin=theirs,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        os.write(ours, b"OktaDeveloper\n\x04")
        asked, _ = process.communicate(timeout=60)
    finally:
        os.close(ours)
        os.close(theirs)

    assert process.returncode == INTERRUPTED
    assert asked.startswith("AWS role, such as OktaDeveloper: ")
