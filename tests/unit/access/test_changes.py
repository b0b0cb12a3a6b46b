"""Who gains and who loses between two stack files."""

import copy
import json
import subprocess

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

import settings
from access.__main__ import access
from access.changes import changes
from access.model import AccessModel

ADA, GRACE = "ada@example.com", "grace@example.com"
S3 = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
VALUES = {
    "accounts": {"main": {"id": "123456789012", "region": "us-east-1"}},
    "roles": {
        "Developer": {"managedPolicies": ["AmazonEC2ReadOnlyAccess"]},
        "Auditor": {"inlinePolicies": {"Own": [S3]}},
    },
    "groups": {
        "Developers": {"roles": ["Developer"], "members": [ADA], "priority": 1},
        "Auditors": {"roles": ["Auditor"], "members": [GRACE], "priority": 2},
    },
    "expect": [{"user": ADA, "can": ["ec2:DescribeInstances"]}],
    "today": "2026-11-25",
}
AUDITOR = ("person", ADA, "enters Auditor")


def edited(path, value):
    values = copy.deepcopy(VALUES)
    *parents, last = path.split(".")
    here = values
    for part in parents:
        here = here.setdefault(part, {})
    here[last] = value
    return values


def between(before, after):
    estates = [
        AccessModel(settings.parse(values)) if values else None for values in (before, after)
    ]
    return changes(*estates)


def told(found):
    return [
        ("gains" if change.gains else "loses", change.subject, change.description, change.people)
        for change in found
        if change.kind != "trust"
    ]


CASES = [
    ("groups.Auditors.members", [GRACE, ADA], []),  # Developers wins, so she gets nothing by it
    ("groups.Auditors.priority", 3, []),
    ("provisioning.keys", ["second"], []),
    ("app.label", "Other", []),
    ("tags", {"owner": "identity"}, []),
    ("groups.Developers.roles", ["Developer", "Auditor"], [("gains", ADA, "enters Auditor", 1)]),
    (
        "groups.Developers.members",
        [],
        [("loses", ADA, "can ec2:DescribeInstances", 1), ("loses", ADA, "enters Developer", 1)],
    ),
    (
        "groups.Developers.members",
        [ADA, "alan@example.com"],
        [
            ("gains", "alan@example.com", "can ec2:DescribeInstances", 1),
            ("gains", "alan@example.com", "enters Developer", 1),
        ],
    ),
    (
        "groups.Auditors.temporary",
        {"joan@example.com": "2026-11-25"},
        [("gains", "joan@example.com", "enters Auditor", 1)],
    ),
    ("groups.Auditors.temporary", {"joan@example.com": "2026-11-24"}, []),
    (
        "roles.Auditor.inlinePolicies.Own",
        [S3 | {"Action": "s3:PutObject"}],
        [
            ("loses", "Auditor", "may s3:GetObject  [Own]", 1),
            ("gains", "Auditor", "may s3:PutObject  [Own]", 1),
        ],
    ),
    (
        "roles.Auditor.inlinePolicies.Own",
        [S3, S3 | {"Effect": "Deny"}],
        [("loses", "Auditor", "may not s3:GetObject  [Own]", 1)],
    ),
    (
        "roles.Auditor.boundary",
        "SecurityAudit",
        [("loses", "Auditor", "no more than SecurityAudit, the boundary", 1)],
    ),
    ("roles.Auditor.sessionHours", 4, [("gains", "Auditor", "sessions of up to 4 hours", 1)]),
    ("roles.Auditor.trust.closes", "2026-11-24", [("loses", GRACE, "enters Auditor", 1)]),
    ("roles.Auditor.trust.closes", "2026-11-25", []),
    ("roles.Auditor.trust.sourceIps", ["203.0.113.0/24"], []),
    ("roles.Auditor.description", "Reads.", []),
    (
        "roles.Third",
        {"inlinePolicies": {"X": [S3]}},
        [("gains", "Third", "may s3:GetObject  [X]", 0)],
    ),
    (
        "roles.Auditor.inlinePolicies.Own",
        [S3 | {"Resource": "arn:aws:s3:::reports/*"}],
        [
            ("loses", "Auditor", "may s3:GetObject  [Own]", 1),
            ("gains", "Auditor", "may s3:GetObject on arn:aws:s3:::reports/*  [Own]", 1),
        ],
    ),
]


@pytest.mark.parametrize(("path", "value", "expected"), CASES, ids=lambda value: str(value)[:50])
def test_a_change_is_told_by_who_gains_and_who_loses(path, value, expected):
    found = between(VALUES, edited(path, value))

    assert sorted(told(found)) == sorted(expected)


def test_a_changed_trust_policy_is_shown_whole_even_if_nobody_is_let_in_or_out():
    found = between(VALUES, edited("roles.Auditor.trust.sourceIps", ["203.0.113.0/24"]))

    assert {(change.kind, change.subject) for change in found} == {("trust", "Auditor")}
    [new] = [change for change in found if change.appears]
    [old] = [change for change in found if not change.appears]
    assert "aws:SourceIp" in new.description
    assert "aws:SourceIp" not in old.description


def test_a_stack_that_is_new_gives_and_one_that_is_gone_takes_everything():
    gained, lost = between(None, VALUES), between(VALUES, None)

    assert all(change.gains for change in gained)
    assert not any(change.gains for change in lost)
    assert {change.subject for change in gained} == {ADA, GRACE, "Developer", "Auditor"}


@pytest.mark.parametrize(("path", "value", "_"), CASES, ids=lambda value: str(value)[:50])
def test_the_way_back_mirrors_the_way_there(path, value, _):
    there, back = between(VALUES, edited(path, value)), between(edited(path, value), VALUES)

    assert sorted((c.subject, c.description, not c.gains) for c in back) == sorted(
        (c.subject, c.description, c.gains) for c in there
    )


people = st.lists(st.sampled_from([ADA, GRACE, "joan@example.com"]), unique=True)
group = st.fixed_dictionaries(
    {
        "roles": st.lists(st.sampled_from(["Developer", "Auditor"]), min_size=1, unique=True),
        "members": people,
    }
)
random_values = st.builds(
    lambda one, two, union: (
        VALUES | {"groups": {"One": one, "Two": two}, "app": {"combineRoles": union}}
    ),
    group,
    group,
    st.booleans(),
)


@hypothesis_settings(max_examples=30, deadline=None)
@given(random_values, random_values)
def test_what_is_told_is_the_difference_and_nothing_else(before, after):
    assert between(before, before) == []
    old, new = (AccessModel(settings.parse(values)).assumable_roles for values in (before, after))
    entered = {
        (login, f"enters {entry.account_role.role}")
        for login, entries in new.items()
        for entry in set(entries)
        if entry.account_role not in {each.account_role for each in old.get(login, ())}
    }
    found = between(before, after)

    assert {(c.subject, c.description) for c in found if c.kind == "person" and c.gains} == entered


# The command


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A git repository with one commit of a stack file, and an edit that is not committed."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "Pulumi.dev.yaml"

    def write(values):
        config = {f"okta-aws-federation:{key}": value for key, value in values.items()}
        file.write_text(yaml.safe_dump({"config": config}))

    def git(*arguments):
        names = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
        subprocess.run(["git", *names, *arguments], check=True, capture_output=True)

    write(VALUES)
    git("init", "--initial-branch=main")
    git("add", ".")
    git("commit", "-m", "first")
    write(edited("groups.Developers.roles", ["Developer", "Auditor"]))
    return file


def run(*arguments):
    return CliRunner().invoke(access, ["diff", *arguments])


def test_a_file_is_compared_with_what_git_has(repository):
    done = run("main:Pulumi.dev.yaml", "Pulumi.dev.yaml")

    assert done.exit_code == 0
    assert done.stdout == f"People\n  + {ADA}  enters Auditor\n1 person gains.\n"


def test_a_pull_request_gets_a_table(repository):
    lines = run("main:Pulumi.dev.yaml", "Pulumi.dev.yaml", "--markdown").stdout.splitlines()

    assert lines[0] == "### Access: Pulumi.dev.yaml"
    assert "**1 person gains.**" in lines
    assert f"| gains | `{ADA}` | `enters Auditor` |" in lines


def test_nothing_is_said_in_one_line(repository):
    for form in ((), ("--markdown",)):
        said = run("main:Pulumi.dev.yaml", "main:Pulumi.dev.yaml", *form).stdout
        assert said.splitlines()[-1] == "Nobody gains or loses access."


@pytest.mark.parametrize(("kind", "code"), [("gain", 1), ("loss", 0), ("change", 1)])
def test_a_pipeline_can_stop_at_a_gain(repository, kind, code):
    assert run("main:Pulumi.dev.yaml", "Pulumi.dev.yaml", "--fail-on", kind).exit_code == code


def test_a_program_reads_changes_as_json(repository):
    [change] = json.loads(run("main:Pulumi.dev.yaml", "Pulumi.dev.yaml", "--json").stdout)

    assert (change["kind"], change["subject"], change["gains"]) == ("person", ADA, True)


def test_a_file_that_the_revision_lacks_gave_nobody_anything(repository):
    assert "+" in run("main:Pulumi.other.yaml", "Pulumi.dev.yaml").stdout


def test_defaults_of_the_project_count_in_a_revision_too(repository):
    """The same groups, once written in the stack file and once a default of the project."""
    whole = yaml.safe_load(repository.read_text())
    groups = whole["config"].pop("okta-aws-federation:groups")
    project = {"name": "okta-aws-federation", "config": {"groups": {"default": groups}}}
    (repository.parent / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    repository.write_text(yaml.safe_dump(whole))
    subprocess.run(["git", "add", "."], check=True)
    names = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    subprocess.run(["git", *names, "commit", "-qm", "second"], check=True)

    same = run("main:Pulumi.dev.yaml", "Pulumi.dev.yaml").stdout
    since = run("main~1:Pulumi.dev.yaml", "main:Pulumi.dev.yaml").stdout

    assert same == "Nobody gains or loses access.\n"
    assert f"{ADA}  enters Auditor" in since


def test_a_file_of_a_revision_that_is_no_utf_8_is_one_line(repository):
    repository.write_text("config: {}", encoding="utf-16")
    subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@e.de", "commit", "-qam", "x"],
                   check=True)  # fmt: skip

    done = run("main:Pulumi.dev.yaml", "main~1:Pulumi.dev.yaml")

    assert str(done.exception) == "main:Pulumi.dev.yaml: is UTF-16; save it as UTF-8"


def test_a_revision_that_git_does_not_know_is_one_line(repository):
    done = run("nowhere:Pulumi.dev.yaml", "Pulumi.dev.yaml")

    assert isinstance(done.exception, settings.SettingsError)
    assert str(done.exception) == (
        "nowhere:Pulumi.dev.yaml: neither a file nor a revision that git knows here"
    )


def test_nothing_in_a_name_breaks_the_table(repository):
    text = repository.read_text().replace("Auditor", "Au+ditor")
    repository.write_text(text.replace("Developers:", '"a|b`<i>":'))

    rows = [
        line
        for line in run("main:Pulumi.dev.yaml", "Pulumi.dev.yaml", "--markdown").stdout.splitlines()
        if line.startswith("| gains") or line.startswith("| loses")
    ]
    assert rows
    assert all(line.replace("\\|", "").count("|") == 4 for line in rows)


@pytest.fixture
def estate(repository):
    """The stack file, which has become an estate: its parts are only in the second commit."""
    config = yaml.safe_load(repository.read_text())["config"]
    estate = config | {"okta-aws-federation:mode": "group-mapping"}
    del estate["okta-aws-federation:expect"]
    repository.write_text(yaml.safe_dump({"config": estate}))
    commit("second")
    part = {"okta-aws-federation:estate": repository.name, "okta-aws-federation:part": "okta"}
    repository.with_name("Pulumi.dev-okta.yaml").write_text(yaml.safe_dump({"config": part}))
    estate["okta-aws-federation:groups"]["Developers"]["roles"] = ["Developer"]
    repository.write_text(yaml.safe_dump({"config": estate}))
    commit("third")
    return repository


def commit(message):
    subprocess.run(["git", "add", "."], check=True)
    names = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    subprocess.run(["git", *names, "commit", "-qm", message], check=True)


@pytest.mark.parametrize("old", ["main~1", "main"])
def test_of_a_part_the_whole_estate_is_compared_and_the_answer_says_so(estate, old):
    whole = run(f"{old}:Pulumi.dev.yaml", "main:Pulumi.dev.yaml").stdout
    part = run(f"{old}:Pulumi.dev-okta.yaml", "main:Pulumi.dev-okta.yaml").stdout
    on_disk = run(f"{old}:Pulumi.dev-okta.yaml", "Pulumi.dev-okta.yaml").stdout

    note = "Pulumi.dev.yaml, of which {}Pulumi.dev-okta.yaml is a part)\n"
    assert part == f"{whole}(main:{note.format('main:')}"
    assert on_disk == f"{whole}({note.format('')}"
    assert ("1 person loses" in part) == (old == "main~1")
    table = run(f"{old}:Pulumi.dev-okta.yaml", "main:Pulumi.dev-okta.yaml", "--markdown").stdout
    assert table.startswith(f"### Access: main:{note.format('main:').removesuffix(')' + chr(10))}")


def test_a_part_that_is_wrong_in_a_revision_is_one_line(estate):
    part = {"okta-aws-federation:estate": "../x.yaml", "okta-aws-federation:part": "okta"}
    estate.with_name("Pulumi.dev-okta.yaml").write_text(yaml.safe_dump({"config": part}))
    commit("fourth")

    done = run("main~1:Pulumi.dev-okta.yaml", "main:Pulumi.dev-okta.yaml")

    assert "estate = '../x.yaml': must be the name of a file" in str(done.exception)
