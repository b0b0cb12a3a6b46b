"""`python -m access`, as a person and as a program use it."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from access.__main__ import access
from settings import SettingsError

ROOT = Path(__file__).parents[3]
DEV, PROD = str(ROOT / "Pulumi.dev.yaml"), str(ROOT / "Pulumi.prod.yaml")
ADA, GRACE, JOAN = "ada@example.com", "grace@example.com", "joan@example.com"


def run(*arguments):
    done = CliRunner().invoke(access, [str(each) for each in arguments])
    if isinstance(done.exception, SettingsError):
        raise done.exception
    return done


def told(*arguments):
    return json.loads(run(*arguments, "--json").stdout)


@pytest.fixture
def dev(tmp_path):
    """Stack dev with one section replaced."""

    def dev(**sections):
        document = yaml.safe_load(Path(DEV).read_text())
        for name, value in sections.items():
            document["config"][f"okta-aws-federation:{name}"] = value
        file = tmp_path / "Pulumi.dev.yaml"
        file.write_text(yaml.safe_dump(document))
        return file

    return dev


def test_check_counts_what_holds():
    done = run("check", PROD)

    assert done.exit_code == 0
    assert "\n4 of 4 expectations are met (policies of AWS as of " in done.stdout
    assert done.stdout.startswith("note ")


def test_check_says_that_it_does_not_see_an_imported_environment(dev):
    file = dev()
    file.write_text("environment: [shared/aws]\n" + file.read_text())

    done = run("check", file)

    assert done.exit_code == 0
    assert "note environment = 'shared/aws': what it holds can't be seen here; " in done.stdout


def test_check_fails_with_what_is_missed(dev):
    file = dev(expect=[{"user": ADA, "can": ["ec2:RunInstances"]}])

    done = run("check", file)

    assert done.exit_code == 1
    assert "expect.0.can.0 = 'ec2:RunInstances': ada@example.com can't" in done.stdout
    [missed] = told("check", file)["missed"]
    assert missed["fix"] == "add a policy that allows ec2:RunInstances to a role of theirs"


def test_check_is_strict_only_when_told_to_be(dev):
    theirs = "arn:aws:iam::123456789012:policy/Theirs"
    file = dev(
        roles={"OktaDeveloper": {"managedPolicies": [theirs]}},
        expect=[{"user": ADA, "can": ["ec2:RunInstances"]}],
    )

    assert run("check", file).exit_code == 0
    assert "open" in run("check", file).stdout
    assert run("check", file, "--strict").exit_code == 1


def test_matrix_shows_roles_and_what_they_allow():
    assert told("matrix", DEV) == {
        ADA: [{"account": "main", "role": "OktaDeveloper", "group": "AWSDeveloper"}]
    }
    actions = ("--action", "iam:ListRoles", "--action", "ec2:DescribeInstances")
    lines = run("matrix", PROD, *actions).stdout.splitlines()
    assert lines[0].split() == ["person", "role", "group", "iam:ListRoles", "ec2:DescribeInstances"]
    assert lines[2].split() == [GRACE, "OktaAuditor", "AWSProdAuditor", "yes", "yes"]
    assert lines[3].split() == [JOAN, "OktaOperator", "AWSProdOperator", "-", "yes"]


def test_matrix_names_a_person_whom_no_role_lets_in(dev):
    file = dev(roles={"OktaDeveloper": {"trust": {"closes": "2020-01-01"}}}, expect=[])

    assert [ADA, "-", "-"] in [line.split() for line in run("matrix", file).stdout.splitlines()]


def test_explain_goes_link_by_link_to_the_statement():
    done = run("explain", DEV, ADA, "ec2:DescribeInstances")

    assert done.exit_code == 0
    lines = [line.split(maxsplit=1) for line in done.stdout.splitlines() if line.startswith("  ")]
    assert [link for link, _ in lines] == [
        *("groups", "assigned", "role", "trust", "policies", "decision")
    ]
    assert "allowed by statement 1 of AmazonEC2ReadOnlyAccess" in done.stdout
    assert run("explain", DEV, ADA, "s3:ListAllMyBuckets").exit_code == 1


def test_explain_says_which_group_hides_the_others(dev):
    file = dev(
        roles={"OktaDeveloper": {}, "OktaAuditor": {}},
        groups={
            "B": {"roles": ["OktaAuditor"], "members": [ADA], "priority": 1},
            "A": {"roles": ["OktaDeveloper"], "members": [ADA], "priority": 2},
        },
        expect=[],
    )

    assert "B decides, the lowest number" in run("explain", file, ADA, "iam:ListRoles").stdout


def test_explain_knows_nobody_it_was_not_told_of():
    done = run("explain", DEV, "eve@example.com", "iam:ListRoles")

    assert done.exit_code == 1
    assert "none that this stack puts eve@example.com into" in done.stdout


def test_an_action_that_does_not_exist_is_one_line_and_unusable():
    done = run("explain", DEV, ADA, "s3:Listbuckets")

    assert done.exit_code == 2
    assert "'s3:Listbuckets' is no action of s3 (did you mean 'ListBucket'?)" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("who-can", DEV, "ec2:Describe*"), "'ec2:Describe*' stands for many actions"),
        (("explain", DEV, ADA, "ec2:*"), "'ec2:*' stands for many actions"),
        (("matrix", DEV, "--action", "s3:Listbuckets"), "'s3:Listbuckets' is no action of s3"),
        (("diff", DEV, DEV, "--action", "s4:GetObject"), "'s4:GetObject' names no service"),
        (("who-can", DEV, "s3:GetObject", "reports"), "'reports' must be the ARN of one resource"),
        (("explain", DEV, ADA, "s3:GetObject", "arn:aws:s3:::*"), "must be the ARN of one"),
    ],
)
def test_a_question_names_one_action_and_one_resource(arguments, said):
    done = run(*arguments)

    assert done.exit_code == 2
    assert said in done.stderr


def test_who_can_names_people_with_the_reason():
    done = run("who-can", PROD, "iam:ListRoles")

    assert done.stdout.startswith(f"{GRACE}  allowed  as OktaAuditor: allowed by statement")
    assert JOAN not in done.stdout
    assert run("who-can", PROD, "iam:CreateUser").stdout.startswith("nobody can iam:CreateUser")
    assert told("who-can", PROD, "ec2:DescribeInstances").keys() == {
        *("alan@example.com", GRACE, JOAN)
    }


def test_who_can_asks_for_one_resource_or_for_any(dev):
    own = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"}
    file = dev(roles={"OktaDeveloper": {"inlinePolicies": {"Own": [own]}}}, expect=[])

    assert ADA in told("who-can", file, "s3:GetObject")
    assert ADA in told("who-can", file, "s3:GetObject", "arn:aws:s3:::reports/a")
    assert told("who-can", file, "s3:GetObject", "arn:aws:s3:::keys/a") == {}


def test_what_can_tells_statements_or_every_action():
    said = run("what-can", DEV, ADA).stdout
    assert "may elasticloadbalancing:Describe*  [AmazonEC2ReadOnlyAccess]" in said

    actions = told("what-can", DEV, ADA, "--expand")["OktaDeveloper"]
    assert "ec2:DescribeInstances" in actions
    assert not [each for each in actions if each.startswith(("s3:", "ec2:Run"))]


def test_what_can_of_a_stranger_is_nothing():
    assert run("what-can", DEV, "eve@example.com").stdout.startswith("eve@example.com enters no")


def test_a_stack_file_that_is_not_there_is_one_line_and_exit_code_two():
    done = subprocess.run(
        [sys.executable, "-m", "access", "check", "Pulumi.nowhere.yaml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "Pulumi.nowhere.yaml" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a file on a full disk")
@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("access", "matrix", DEV), 2),
        (("access", "matrix", DEV, "--json"), 2),
        (("access.estate", "--help"), 2),
        (("sandbox", "--help"), 1),
    ],
)
def test_a_full_disk_is_one_line(command, code):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert done.returncode == code
    assert "No space left on device; `df -h` shows which disk is full\n" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_without_its_packages_it_says_what_to_install():
    done = subprocess.run(
        [sys.executable, "-c", "import sys, runpy; sys.modules['click'] = None;"
         "runpy.run_module('access', run_name='__main__')"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip

    assert done.returncode == 1
    assert done.stderr.strip().endswith("pip install -r requirements/access.txt")


def refused(tmp_path, *arguments):
    """What `python -m access` prints and exits with for a file that can't be used."""
    file = tmp_path / "Pulumi.bad.yaml"
    file.write_text(
        'config:\n  okta-aws-federation:accounts: {main: {id: "1", region: us-east-1}}\n'
    )
    command = [
        sys.executable,
        "-m",
        "access",
        *(str(file) if a == "FILE" else a for a in arguments),
    ]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "FILE"),
        ("matrix", "FILE"),
        ("explain", "FILE", ADA, "ec2:DescribeInstances"),
        ("who-can", "FILE", "ec2:DescribeInstances"),
        ("what-can", "FILE", ADA),
        ("offboard", "FILE", ADA),
        ("diff", "FILE", "FILE"),
        ("map", "FILE", "--output", "x.svg"),
        ("verify", "FILE"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_refusal_is_json_for_a_program_and_a_line_for_a_person(tmp_path, arguments):
    done = refused(tmp_path, *arguments, "--json")
    value = json.loads(done.stdout)
    assert done.returncode == 2
    assert {"accounts.main.id", "roles"} <= {each["key"] for each in value["errors"]}
    assert all(each["rule"] and each["fix"] for each in value["errors"])
    assert "Traceback" not in done.stderr

    done = refused(tmp_path, *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert any(
        line.endswith("must be 12 digits; " + fix)
        for line in done.stderr.splitlines()
        for fix in ['write the account id in quotes: "123456789012"']
    )


def test_a_question_that_makes_no_sense_is_json_too(tmp_path):
    done = refused(tmp_path, "who-can", "FILE", "ec2:*", "--json")

    assert done.returncode == 2
    assert "stands for many actions" in json.loads(done.stdout)["refused"]


@pytest.mark.parametrize(
    "question",
    [
        ("check", PROD),
        ("map", DEV, "--output", "FOLDER/x.svg"),
    ],
    ids=lambda question: question[0],
)
def test_quiet_prints_nothing_when_all_is_well(tmp_path, question):
    done = run(*(each.replace("FOLDER", str(tmp_path)) for each in question), "--quiet")

    assert (done.exit_code, done.output) == (0, "")


def test_quiet_prints_what_is_wrong_and_no_note_or_summary(dev):
    file = dev(expect=[{"user": ADA, "can": ["iam:CreateUser", "ec2:DescribeInstances"]}])
    whole, quiet = run("check", file), run("check", file, "-q")

    assert (whole.exit_code, quiet.exit_code) == (1, 1)
    assert "1 of 2 expectations are met" in whole.stdout
    [line] = quiet.stdout.splitlines()
    assert line.startswith("missed ")


def test_quiet_leaves_the_answer_and_no_note():
    whole, quiet = run("matrix", DEV).stdout, run("matrix", DEV, "--quiet").stdout

    assert whole.splitlines()[:-1] == quiet.splitlines()
    assert whole.splitlines()[-1].startswith("(policies of AWS as of ")


@pytest.mark.parametrize("arguments", [(), ("--quiet",)])
def test_colours_and_progress_are_for_a_terminal(tmp_path, arguments):
    command = [sys.executable, "-m", "access", "map", DEV, "--output", str(tmp_path / "x.svg")]
    check = [sys.executable, "-m", "access", "matrix", DEV]
    terminal, end = pty.openpty()
    for each in (command, check):
        subprocess.run([*each, *arguments], cwd=ROOT, stdout=end, stderr=end, check=True)
    shown = os.read(terminal, 65536).decode()
    os.close(terminal)
    os.close(end)
    piped = subprocess.run([*check], cwd=ROOT, capture_output=True, text=True, check=True)

    assert ("drawing 1 people" in shown) is (not arguments)
    assert "\x1b[" in shown
    assert "\x1b[" not in piped.stdout + piped.stderr
    assert "reading" not in piped.stderr
