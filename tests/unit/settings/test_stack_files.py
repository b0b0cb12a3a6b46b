"""Whole stack files: every kind of mistake is refused in one line, and good files are taken."""

import codecs
import json
from datetime import date

import pulumi
import pydantic
import pytest

import settings
from access import aws_managed
from settings.documents import Statement
from settings.stack_file import stack_file
from tests.unit.settings.bad_files import GOOD, GOOD_FILES, HEAD, KINDS, UNREADABLE, with_section

NAME = "Pulumi.x.yaml"


def refusal(text: str) -> str:
    with pytest.raises(settings.SettingsError) as refused:
        settings.read_text(text, NAME)
    return str(refused.value)


@pytest.mark.parametrize("kind", KINDS)
def test_a_mistake_is_refused_in_one_line_with_its_line_its_key_and_a_fix(kind):
    text, key, words = KINDS[kind]

    message = refusal(text)

    [line] = message.splitlines()
    file, number, rest = line.split(":", 2)
    assert file == NAME
    assert 1 <= int(number) <= text.count("\n")
    assert rest.strip().removeprefix("okta-aws-federation:").startswith(key)
    assert words in line
    assert "; " in rest, "every refusal has a fix"


@pytest.mark.parametrize("kind", UNREADABLE)
def test_what_is_no_stack_file_is_refused_in_one_line(kind):
    text, words = UNREADABLE[kind]

    [line] = refusal(text).splitlines()

    assert line.startswith(f"{NAME}:")
    assert words in line
    assert "; " in line


@pytest.mark.parametrize("name", GOOD_FILES)
def test_a_good_file_is_taken(name):
    assert settings.read_text(GOOD_FILES[name], NAME).accounts


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (GOOD.encode("utf-16"), "is UTF-16; save it as UTF-8"),
        (GOOD.encode("utf-32"), "is UTF-16; save it as UTF-8"),
        (codecs.BOM_UTF16_BE + GOOD.encode("utf-16-be"), "is UTF-16; save it as UTF-8"),
        (codecs.BOM_UTF32_BE + GOOD.encode("utf-32-be"), "is UTF-32; save it as UTF-8"),
        (GOOD.encode() + b"# \xff\n", f":{GOOD.count(chr(10)) + 1}: can't be read: is not UTF-8"),
    ],
)
def test_another_encoding_is_refused(tmp_path, data, words):
    path = tmp_path / NAME
    path.write_bytes(data)

    with pytest.raises(settings.SettingsError, match=NAME) as refused:
        settings.read(path)

    assert words in str(refused.value)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(settings.SettingsError, match=r"can't be read: Is a directory$"):
        settings.read(tmp_path)


def test_a_byte_order_mark_on_disk_is_read_over(tmp_path):
    path = tmp_path / NAME
    path.write_bytes(codecs.BOM_UTF8 + GOOD.encode())

    assert settings.read(path).accounts


def test_mistakes_of_single_values_and_between_sections_come_together_by_line():
    text = (
        HEAD
        + "  okta-aws-federation:roles: { Developer: { sessionHours: 13 }, Other: {} }\n"
        + "  okta-aws-federation:groups: { Dev: { roles: [Developr], members: [a b] } }\n"
        + "  okta-aws-federation:tags: { owner: a, Owner: b, country: no }\n"
    )

    lines = refusal(text).splitlines()

    assert [line.split(" = ")[0].split(": ")[:2] for line in lines] == [
        ["Pulumi.x.yaml:3", "okta-aws-federation:roles.Developer.sessionHours"],
        ["Pulumi.x.yaml:4", "okta-aws-federation:groups.Dev.roles.0"],
        ["Pulumi.x.yaml:4", "okta-aws-federation:groups.Dev.members.0"],
        ["Pulumi.x.yaml:5", "okta-aws-federation:tags.country"],
        ["Pulumi.x.yaml:5", "okta-aws-federation:tags.Owner"],
    ]


def test_what_only_follows_from_a_refused_value_is_not_refused_too():
    """The group's role is there, though what it allows can't be read."""
    [line] = refusal(
        HEAD
        + "  okta-aws-federation:roles: { Developer: { path: x }, Other: {} }\n"
        + "  okta-aws-federation:groups: { Dev: { roles: [Developer, Other] } }\n"
    ).splitlines()

    assert "roles.Developer.path = 'x'" in line


@pytest.mark.parametrize(("count", "last"), [(20, "tags.t19 = 'a&b': "), (45, "... and 25 more")])
def test_of_many_mistakes_twenty_are_shown_and_all_are_counted(count, last):
    tags = ", ".join(f"t{number}: a&b" for number in range(count))

    with pytest.raises(settings.SettingsError) as refused:
        settings.read_text(with_section("tags", f"{{ {tags} }}"), NAME)

    lines = str(refused.value).splitlines()
    assert len(lines) == min(count, 21)
    assert last in lines[-1]
    assert len(refused.value.errors) == count


def test_what_is_missing_has_the_line_of_what_it_is_missing_in():
    text = "config:\n"
    assert [line.split("; ")[0] for line in refusal(text).splitlines()] == [
        f"{NAME}:1: okta-aws-federation:accounts: is missing",
        f"{NAME}:1: okta-aws-federation:roles: is missing",
    ]
    people = "  okta-aws-federation:people:\n    ada@example.com:\n      firstName: A\n"
    assert [line.split("; ")[0] for line in refusal(GOOD + people).splitlines()] == [
        f"{NAME}:6: okta-aws-federation:people.ada@example.com.{key}: is missing"
        for key in ("lastName", "email")
    ]


def test_a_day_under_a_key_that_nothing_reads_does_not_hide_the_key():
    assert "zzz: is not a key that anything reads" in refusal(
        with_section("zzz", "{ a: { b: 2026-12-31 } }")
    )


def test_a_program_gets_the_parts_of_a_refusal():
    with pytest.raises(settings.SettingsError) as refused:
        settings.read_text(with_section("app", "{ sessionHours: 13 }"), NAME)

    [error] = refused.value.errors
    assert (error.file, error.line, error.key, error.value) == (NAME, 5, "app.sessionHours", 13)
    assert (error.rule, error.fix) == ("must be at most 12", "lower it")


def test_a_secret_is_not_repeated_in_the_refusal():
    for text, *_ in (case for kind, case in KINDS.items() if kind.startswith("secret")):
        secret = text.splitlines()[-1].split("note: '")[-1].split("'")[0].split(": ")[-1]
        assert secret not in refusal(text)


# What the engine hands to the program, from the same file.


def as_the_engine(text: str) -> dict[str, str]:
    """The engine's configuration of a file that it could read: texts bare, the rest as JSON."""
    file = stack_file(text, NAME)
    return {
        f"okta-aws-federation:{key}": (value or "")
        if isinstance(value, str | None)
        else json.dumps(value)
        for key, value in file.sections.items()
    }


def loaded(text: str, folder, monkeypatch, *, with_file: bool = True) -> str | None:
    """What the program is refused with under the engine; None if it is not."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(pulumi, "get_stack", lambda: "x")
    pulumi.runtime.set_all_config(as_the_engine(text))
    if with_file:
        (folder / NAME).write_text(text)
    try:
        settings.load_part()
    except pulumi.RunError as error:
        return str(error)
    return None


@pytest.mark.parametrize("kind", KINDS)
def test_the_engine_s_program_refuses_the_same_with_the_same_line(kind, tmp_path, monkeypatch):
    text, *_ = KINDS[kind]

    assert loaded(text, tmp_path, monkeypatch) == refusal(text)


@pytest.mark.parametrize("name", GOOD_FILES)
def test_the_engine_s_program_takes_the_same_good_files(name, tmp_path, monkeypatch):
    assert loaded(GOOD_FILES[name], tmp_path, monkeypatch) is None


IN_THE_FILE_ALONE = ("a section without", "a prefix with", "config in another", "twice", "cipher")


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for kind in KINDS
        if not kind.startswith(("YAML", "secret: a secret ", "case: a key twice"))
    ],
)
def test_without_the_file_the_program_refuses_the_same_values(kind, tmp_path, monkeypatch):
    """Configuration from the command line or another file has no lines, and the same rules."""
    text, key, words = KINDS[kind]

    message = loaded(text, tmp_path, monkeypatch, with_file=False)

    assert message is not None
    assert key.rpartition(".")[0] in message
    assert words in message
    assert NAME not in message


def test_a_value_from_the_command_line_is_refused_though_the_file_is_good(tmp_path, monkeypatch):
    (tmp_path / NAME).write_text(GOOD)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pulumi, "get_stack", lambda: "x")
    pulumi.runtime.set_all_config(
        as_the_engine(GOOD) | {"okta-aws-federation:app": '{"sessionHours": 13}'}
    )

    with pytest.raises(pulumi.RunError, match=r"app\.sessionHours = 13: must be at most 12"):
        settings.load_part()


def test_a_file_with_sections_that_the_engine_does_not_have_is_not_where_they_come_from(
    tmp_path, monkeypatch
):
    (tmp_path / NAME).write_text(with_section("protect", "true"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pulumi, "get_stack", lambda: "x")
    pulumi.runtime.set_all_config(as_the_engine(with_section("app", "{ sessionHours: 13 }")))

    with pytest.raises(pulumi.RunError) as refused:
        settings.load_part()

    assert str(refused.value).startswith("okta-aws-federation:app.sessionHours = 13: must be at")


# Environments (Pulumi ESC), which the engine merges into a file's configuration.


@pytest.mark.parametrize("imports", ["[shared/aws]", "{ imports: [shared/aws] }"])
@pytest.mark.parametrize(
    ("added", "refused"),
    [
        ({}, None),
        ({"aws:region": "eu-west-1"}, None),
        ({"okta-aws-federation:protect": "true"}, "adds to protect"),
        ({"okta-aws-federation:roles": '{"Developer": {}, "Admin": {}}'}, "adds to roles"),
    ],
)
def test_an_environment_may_add_nothing_to_a_section(
    tmp_path, monkeypatch, imports, added, refused
):
    text = f"environment: {imports}\n{with_section('protect', 'false')}"
    (tmp_path / NAME).write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pulumi, "get_stack", lambda: "x")
    pulumi.runtime.set_all_config(as_the_engine(text) | added)

    if refused is None:
        assert settings.load_part().estate.roles
        return
    with pytest.raises(pulumi.RunError, match=refused) as error:
        settings.load_part()
    [line] = str(error.value).splitlines()
    assert line.startswith(f"{NAME}:1: environment: imports ")
    assert "write it in this file" in line


# Defaults of the project.


def test_a_default_of_the_project_is_read_as_the_engine_reads_it(tmp_path):
    (tmp_path / "Pulumi.yaml").write_text(
        "name: okta-aws-federation\nconfig:\n  protect: { type: boolean, default: true }\n"
        "  okta-aws-federation:tags: { type: object, default: { owner: identity } }\n"
        "  pulumi:disable-default-providers: { value: [aws] }\n"
        "  today: { value: '2026-12-01' }\n  mode: { type: string }\n"
    )
    (tmp_path / NAME).write_text(GOOD)

    found = settings.read(tmp_path / NAME)

    assert found.protect
    assert found.tags == {"owner": "identity"}
    assert found.today == date(2026, 12, 1)


def test_a_section_of_the_stack_replaces_the_project_s_as_a_whole(tmp_path):
    (tmp_path / "Pulumi.yaml").write_text(
        "name: x\nconfig: { tags: { type: object, default: { owner: identity } } }\n"
    )
    (tmp_path / NAME).write_text(with_section("tags", "{ team: blue }"))

    assert settings.read(tmp_path / NAME).tags == {"team": "blue"}


def test_a_project_file_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "Pulumi.yaml").write_text("config: [")
    (tmp_path / NAME).write_text(GOOD)

    with pytest.raises(settings.SettingsError, match=r"Pulumi.yaml:\d: can't be read"):
        settings.read(tmp_path / NAME)


def test_the_statements_of_aws_s_own_policies_are_taken():
    """An independent judge of what IAM takes: some thousand statements that AWS wrote itself."""
    refused = set()
    count = 0
    for name, document in aws_managed.snapshot()["policies"].items():
        whole = json.loads(document) if isinstance(document, str) else document
        statements = whole["Statement"]
        for statement in [statements] if isinstance(statements, dict) else statements:
            count += 1
            try:
                Statement.model_validate(statement)
            except pydantic.ValidationError:
                refused.add(name)

    assert count > 5_000
    assert refused <= {"AmazonDevOpsGuruOrganizationsAccess"}, "its resource names nothing"
