"""The schema tells an editor what the settings would say."""

import json
import runpy
from pathlib import Path

import jsonschema
import pytest
import yaml

from settings import SettingsError, schema
from settings.load import read_text

ROOT = Path(__file__).parents[3]
STACKS = sorted([*ROOT.glob("Pulumi.*.yaml"), *ROOT.glob("examples/*/Pulumi.*.yaml")])
PREFIX = "okta-aws-federation"


@pytest.fixture(scope="module")
def validator():
    found = schema.stack_file_schema()
    jsonschema.Draft202012Validator.check_schema(found)
    return jsonschema.Draft202012Validator(found)


def as_json(path):
    """YAML as an editor hands it to a schema: days are texts there."""

    class Loader(yaml.SafeLoader):
        pass

    Loader.yaml_implicit_resolvers = {
        letter: [each for each in resolvers if each[0] != "tag:yaml.org,2002:timestamp"]
        for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return yaml.load(path.read_text(), Loader)


@pytest.mark.parametrize("stack", STACKS, ids=lambda path: path.stem)
def test_a_committed_stack_file_is_right_and_names_its_schema(validator, stack):
    validator.validate(as_json(stack))

    # Seen from the root: an example is copied there, where Pulumi reads it.
    [line] = [line for line in stack.read_text().splitlines() if "$schema=" in line]
    assert json.loads((ROOT / line.partition("$schema=")[2]).read_text())["$defs"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("acounts", {}),
        ("mode", "both"),
        ("accounts", {"main": {"id": 12, "region": "us-east-1"}}),
        ("app", {"sessionHours": 13}),
        ("roles", {"Developer": {"managedPolicys": []}}),
        ("groups", {"A": {"roles": []}}),
    ],
)
def test_what_the_settings_refuse_an_editor_underlines(validator, key, value):
    document = as_json(ROOT / "Pulumi.dev.yaml")
    document["config"][f"{PREFIX}:{key}"] = value

    with pytest.raises(jsonschema.ValidationError):
        validator.validate(document)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("protect", "true"),
        ("protect", " false"),
        ("tags", '{"team": "identity"}'),
        ("expect", '[{"group": "AWSDeveloper", "can": ["ec2:DescribeInstances"]}]'),
        ("today", "2026-11-27"),
    ],
)
def test_text_that_pulumi_config_set_writes_is_right_in_the_editor_and_for_the_reader(
    validator, key, text
):
    document = as_json(ROOT / "Pulumi.dev.yaml")
    document["config"][f"{PREFIX}:{key}"] = text

    validator.validate(document)
    read_text(yaml.safe_dump(document), "Pulumi.dev.yaml")


@pytest.mark.parametrize("text", ["yes", "True", "1", "{}"])
def test_other_text_for_a_boolean_is_wrong_for_both(validator, text):
    document = as_json(ROOT / "Pulumi.dev.yaml")
    document["config"][f"{PREFIX}:protect"] = text

    with pytest.raises(jsonschema.ValidationError):
        validator.validate(document)
    with pytest.raises(SettingsError, match="protect"):
        read_text(yaml.safe_dump(document), "Pulumi.dev.yaml")


def test_keys_of_other_projects_are_let_be(validator):
    document = as_json(ROOT / "Pulumi.dev.yaml")
    document["config"]["aws:region"] = "us-east-1"
    document["encryptionsalt"] = "v1:x"

    validator.validate(document)


def test_every_key_of_the_schema_is_described():
    undescribed = [
        f"{name}.{key}"
        for name, part in schema.stack_file_schema()["$defs"].items()
        for key, field in part.get("properties", {}).items()
        if "description" not in field and "$ref" not in field
    ]
    assert undescribed == []


def test_the_module_prints_the_schema_that_is_in_the_reference(capsys):
    text = (ROOT / "docs" / "reference" / "stack.schema.json").read_text()

    runpy.run_path(schema.__file__, run_name="__main__")

    assert schema.text() == capsys.readouterr().out == text
