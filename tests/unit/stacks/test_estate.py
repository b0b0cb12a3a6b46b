"""A part of an estate: what its stack registers and exports, and which files are refused."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pulumi
import pulumi_okta as okta
import pytest
import yaml
from pulumi import automation
from pulumi_aws import Provider, iam

import settings
from access.estate import runner
from settings.part import file_name, file_text, parts_of

ROOT = Path(__file__).parents[3]
PREFIX = "okta-aws-federation:"
ESTATE = {
    "mode": "group-mapping",
    "accounts": {
        "one": {"id": "111111111111", "region": "us-east-1"},
        "two": {"id": "222222222222", "region": "eu-west-1"},
    },
    "roles": {"Developer": {}, "Auditor": {"accounts": ["two"]}},
    "groups": {"Engineers": {"roles": ["Developer"], "members": ["ada@example.com"]}},
}
FILE = "Pulumi.company.yaml"
OKTA_STACK = "organization/okta-aws-federation/company-okta"


def write(path, config):
    path.write_text(yaml.safe_dump({"config": {PREFIX + k: v for k, v in config.items()}}))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An estate with all its files, where the engine runs."""
    write(tmp_path / FILE, ESTATE)
    for name, part in (("okta", "okta"), ("one", "account:one"), ("two", "account:two")):
        write(tmp_path / f"Pulumi.company-{name}.yaml", {"estate": FILE, "part": part})
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def deployed(folder, deploy, cloud, monkeypatch):
    """Run the program as one stack of the estate; answers with what it exported."""
    monkeypatch.setattr(pulumi, "get_organization", lambda: "organization")

    def deployed(stack):
        found = {}
        monkeypatch.setattr(pulumi, "get_stack", lambda: stack)
        monkeypatch.setattr(pulumi, "export", found.__setitem__)
        cloud.stacks[OKTA_STACK] = {
            "contractVersion": 2,
            "metadata": cloud.metadata,
            "appId": "0oa1",
            "signInUrl": "https://acme.okta.com/home/amazon_aws/0oa1/272",
            "certificateExpires": "2999-01-01T00:00:00Z",
        }
        deploy(yaml.safe_load((folder / f"Pulumi.{stack}.yaml").read_text())["config"])
        if "metadata" in found:
            found["metadata"] = asyncio.run(value_of(found["metadata"]))
        return found

    return deployed


async def value_of(output):
    return await output.future()


def kinds(cloud):
    return {each.typ.partition(":")[0] for each in cloud.resources if each.custom}


def test_the_okta_half_has_app_groups_and_people_and_nothing_in_aws(deployed, cloud):
    exported = deployed("company-okta")

    assert not cloud.of(iam.SamlProvider)
    assert not cloud.of(Provider)
    settings_json = json.loads(cloud.one(okta.app.Saml)["appSettingsJson"])
    assert "arn:aws:iam::111111111111:saml-provider/Okta" in settings_json.values()
    assert len(cloud.of(okta.group.Group)) == 3
    assert exported["samlProviderArns"] == exported["roles"] == {}
    assert exported["metadata"] == cloud.metadata


def test_an_account_s_half_has_its_provider_and_roles_and_nothing_in_okta(deployed, cloud):
    exported = deployed("company-two")

    assert cloud.one(iam.SamlProvider)["samlMetadataDocument"] == cloud.metadata
    assert {each["name"] for each in cloud.of(iam.Role).values()} == {"Developer", "Auditor"}
    assert list(cloud.of(Provider)) == ["two"]
    assert cloud.lookups == []
    assert "okta" not in kinds(cloud)
    assert set(exported["samlProviderArns"]) == {"two"}
    assert "metadata" not in exported


def test_an_account_s_half_has_neither_groups_nor_people(folder):
    ada = {"firstName": "Ada", "lastName": "Lovelace", "email": "ada@example.com"}
    write(folder / FILE, ESTATE | {"people": {"ada@example.com": ada}})

    part = settings.read_part(folder / "Pulumi.company-two.yaml")

    assert part.estate.groups
    assert part.estate.people
    assert part.stack.groups == part.stack.people == {}


def test_the_first_account_too_has_its_provider_in_its_own_stack(deployed, cloud):
    assert set(deployed("company-one")["samlProviderArns"]) == {"one"}


def test_each_part_has_a_file_of_its_own_the_okta_half_first(folder):
    parts = parts_of(settings.read(folder / FILE))

    assert parts == ["okta", "account:one", "account:two"]
    for part in parts:
        written = yaml.safe_load((folder / file_name(Path(FILE), part)).read_text())
        assert yaml.safe_load(file_text(Path(FILE), part)) == written


def test_a_command_on_the_file_of_a_part_sees_the_whole_estate(folder):
    assert settings.read(folder / "Pulumi.company-two.yaml") == settings.read(folder / FILE)


@pytest.mark.parametrize(
    ("config", "line"),
    [
        ({"estate": FILE, "part": "accounts:two"}, "part = 'accounts:two': must be okta or acc"),
        ({"estate": FILE, "part": "account:tow"}, f"names no account of {FILE} .* mean 'two'"),
        ({"estate": "../x.yaml", "part": "okta"}, "estate = '../x.yaml': must be the name of a"),
        ({"estate": "", "part": "okta"}, "estate = '': must be the name of a file; write"),
        ({"estate": [FILE], "part": "okta"}, "estate = .*: must be the name of a file; write"),
        ({"estate": "Pulumi.none.yaml", "part": "okta"}, "Pulumi.none.yaml: can't be read: No s"),
        ({"estate": FILE}, "part: must be okta or account:NAME; write okta, or account:NAME"),
        (
            {"estate": FILE, "part": "account:two", "tags": {}},
            f"write it in the estate's file, {FILE}",
        ),
        ({"estate": "Pulumi.company-okta.yaml", "part": "okta"}, "is the file of a part itself"),
    ],
)
def test_a_part_that_does_not_fit_is_refused_in_one_line(folder, config, line):
    path = folder / "Pulumi.company-two.yaml"
    write(path, config)

    with pytest.raises(settings.SettingsError, match=line) as refused:
        settings.read_part(path)
    assert "\n" not in str(refused.value)


def test_an_account_without_the_okta_half_says_how_to_get_it(folder):
    (folder / "Pulumi.company-okta.yaml").unlink()

    words = r"has none with part: okta, and needs one; python -m access\.estate init"
    with pytest.raises(settings.SettingsError, match=words):
        settings.read_part(folder / "Pulumi.company-two.yaml")


def test_one_account_has_no_parts(folder):
    one = {"one": ESTATE["accounts"]["one"]}
    write(
        folder / FILE, ESTATE | {"mode": "saml-roles", "accounts": one, "roles": {"Developer": {}}}
    )

    with pytest.raises(settings.SettingsError, match=f"names {FILE}, whose mode is saml-roles"):
        settings.read_part(folder / "Pulumi.company-okta.yaml")


def test_no_account_of_an_estate_is_called_as_the_okta_half(folder):
    accounts = ESTATE["accounts"] | {"okta": {"id": "333333333333", "region": "us-east-1"}}
    write(folder / FILE, ESTATE | {"accounts": accounts})

    with pytest.raises(settings.SettingsError, match="whose file would be that of the Okta half"):
        settings.read_part(folder / "Pulumi.company-two.yaml")


def estate(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "access.estate", *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_refusal_is_json_for_a_program_and_a_line_for_a_person(folder):
    (folder / "Pulumi.company-two.yaml").unlink()

    done = estate(folder, "plan", FILE, "--json")
    person = estate(folder, "plan", FILE)

    assert (done.returncode, person.returncode) == (2, 2)
    assert json.loads(done.stdout)["refused"] + "\n" == person.stderr
    assert "no stack file has the part account:two" in person.stderr


def test_the_plan_has_the_okta_half_first_and_counts_what_each_has(folder):
    done = estate(folder, "plan", FILE, "--json", "--parallel", "2")

    plan = json.loads(done.stdout)
    up = [{each["run"]: each for each in stack.pop("requests")}["up"] for stack in plan["stacks"]]
    assert [sum(each["okta"].values()) for each in up] == [23, 0, 0]
    assert [each["aws"] for each in up] == [{}, {"iam": 6, "sts": 1}, {"iam": 10, "sts": 1}]
    assert plan == {
        "stacks": [
            {"stack": "company-okta", "part": "okta", "roles": 0, "groups": 3},
            {"stack": "company-one", "part": "account:one", "roles": 1, "groups": 0},
            {"stack": "company-two", "part": "account:two", "roles": 2, "groups": 0},
        ],
        "awsProvidersMb": [340, 860],
    }


def test_the_matrix_is_one_line_of_json(folder):
    assert json.loads(estate(folder, "matrix", FILE).stdout) == {
        "okta": "company-okta",
        "accounts": {
            "include": [
                {"stack": "company-one", "account": "one"},
                {"stack": "company-two", "account": "two"},
            ]
        },
    }


def test_init_writes_what_is_missing_and_names_what_is_left(folder):
    (folder / "Pulumi.company-two.yaml").unlink()
    write(folder / "Pulumi.company-three.yaml", {"estate": FILE, "part": "account:three"})

    done = estate(folder, "init", FILE)

    assert done.stdout.splitlines() == [
        "Pulumi.company-two.yaml: written",
        "Pulumi.company-three.yaml: its account is not in Pulumi.company.yaml; "
        "destroy its stack, then remove it",
    ]
    assert settings.read_part(folder / "Pulumi.company-two.yaml").accounts == ("two",)


def test_a_missing_part_and_a_part_twice_are_refused(folder):
    write(folder / "Pulumi.other.yaml", {"estate": FILE, "part": "account:two"})
    assert "has the part account:two, as Pulumi.company-two.yaml has" in refusal(folder)
    (folder / "Pulumi.other.yaml").unlink()
    (folder / "Pulumi.company-two.yaml").unlink()
    assert "no stack file has the part account:two; python -m" in refusal(folder)


def refusal(folder):
    done = estate(folder, "plan", FILE)
    assert (done.returncode, done.stdout) == (2, "")
    return done.stderr


@pytest.mark.parametrize(
    ("stack", "last", "before"),
    [
        ("company-two", {"samlProviderArns": {"one": "arn"}}, "account one"),
        ("company-two", {"groupIds": {"Engineers": "00g1"}}, "the Okta half"),
        (
            "company-okta",
            {"samlProviderArns": {"two": "arn", "one": "arn"}, "groupIds": {"Engineers": "00g1"}},
            "the Okta half, account one, account two",
        ),
    ],
)
def test_a_stack_does_not_become_another_part(deployed_before, cloud, stack, last, before):
    """Files that were swapped by hand: the update would delete what people sign in by."""
    with pytest.raises(pulumi.RunError) as refused:
        deployed_before(stack, last)

    assert str(refused.value).startswith(f"this stack has deployed {before}, and its file is part ")
    assert not cloud.resources


@pytest.fixture
def deployed_before(deployed, cloud):
    def deployed_before(stack, last):
        cloud.last_outputs = {"contractVersion": 2, "membershipResources": "person"} | last
        return deployed(stack)

    return deployed_before


@pytest.mark.parametrize(
    ("stack", "last"),
    [
        ("company-two", {"samlProviderArns": {"two": "arn"}, "groupIds": {}}),
        ("company-okta", {"samlProviderArns": {}, "groupIds": {"Engineers": "00g1"}}),
        ("company-okta", {}),
    ],
)
def test_the_same_part_is_deployed_again(deployed_before, stack, last):
    assert deployed_before(stack, last)["contractVersion"] == 2


@pytest.mark.parametrize("options", [["up"], ["up", "--only-failed"], ["preview"]])
def test_without_the_engine_one_line_says_so(folder, options):
    done = estate(folder, *options, FILE)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "`pulumi` is not on the PATH; install it, or add its folder to PATH\n"


def test_a_lock_names_who_has_it_and_nobody_is_advised_to_delete_it():
    text = (
        " code: 255\n stderr: error: the stack is currently locked by 1 lock(s). Either wait for "
        "the other process(es) to end or delete the lock file with `pulumi cancel`.\n"
        "  file:///s/1.json: created by ci@runner-7 (pid 4711) at 2026-01-01T00:00:00Z"
    )

    assert runner.first_error(text) == (
        "locked by a run that goes on (ci@runner-7, process 4711); wait until it has ended"
    )


def test_a_stack_whose_state_cannot_be_read_is_not_done(folder, monkeypatch):
    """A wrong passphrase: the run that follows says so, in one line for each stack."""

    def refused(*_, **__):
        result = automation.CommandResult("", "error: incorrect passphrase", 1)
        raise automation.CommandError(result)

    monkeypatch.setattr(automation, "select_stack", refused)

    assert runner.last_update_failed("company-one", folder)
