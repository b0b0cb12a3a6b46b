"""The schema tells an editor what the settings would say."""

from pathlib import Path

import jsonschema
import pytest
import yaml

from settings import schema

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

    [line] = [line for line in stack.read_text().splitlines() if "$schema=" in line]
    assert (stack.parent / line.partition("$schema=")[2]).resolve().name == "stack.schema.json"


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
