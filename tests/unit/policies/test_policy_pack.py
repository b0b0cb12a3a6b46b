import ast
import json
import re
import sys
from pathlib import Path

import jsonschema
from pulumi_policy import EnforcementLevel

PACK = Path(__file__).parents[3] / "policies"
README = (PACK / "README.md").read_text()
RULES, CONFIGURATION = README.split("## Rules")[1].split("## Configuration")
EXAMPLE = json.loads((PACK / "example.json").read_text())
LEVELS = {level.value for level in EnforcementLevel}


def test_a_broken_rule_stops_the_deployment(pack):
    assert pack.enforcement_level is EnforcementLevel.MANDATORY
    weaker = [policy.name for policy in pack.policies if policy.enforcement_level is not None]
    assert weaker == ["saml-provider-protected"], "a stack to try things with is not protected"


def test_the_readme_has_a_row_for_each_rule_in_the_order_of_the_pack(pack):
    rows = re.findall(r"^\| `([a-z0-9-]+)` \|", RULES, re.MULTILINE)
    assert rows == [policy.name for policy in pack.policies]


def test_every_rule_can_be_excused_by_data_and_says_how_grave_it_is(pack):
    for policy in pack.policies:
        assert "exceptions" in policy.config_schema.properties, policy.name
        assert policy.severity is not None, policy.name


def parameters(policy):
    return set(policy.config_schema.properties) - {"exceptions"}


def test_the_readme_names_every_parameter(pack):
    rows = dict(re.findall(r"^\| `([a-z0-9-]+)` \| (.+?) \|", CONFIGURATION, re.MULTILINE))
    told = {rule: set(re.findall(r"`(\w+)`", row)) for rule, row in rows.items()}
    assert told == {p.name: parameters(p) for p in pack.policies if parameters(p)}


def test_the_example_shows_every_parameter_and_is_taken(pack):
    shown = {rule: set(given) - {"enforcementLevel"} for rule, given in EXAMPLE.items()}
    for policy in pack.policies:
        assert parameters(policy) <= shown.get(policy.name, set()), policy.name
        schema = {"additionalProperties": False, "properties": policy.config_schema.properties}
        given = EXAMPLE.get(policy.name, {})
        assert given.get("enforcementLevel", "mandatory") in LEVELS
        rest = {key: value for key, value in given.items() if key != "enforcementLevel"}
        jsonschema.validate(rest, schema)
    assert set(shown) <= {policy.name for policy in pack.policies}


def test_every_policy_object_of_the_pack_is_listed(pack):
    names = {
        function.name.replace("_", "-")
        for module in PACK.glob("*.py")
        for function in ast.parse(module.read_text()).body
        if isinstance(function, ast.FunctionDef)
        and any("_rule(" in ast.unparse(each) for each in function.decorator_list)
    }
    assert names == {policy.name for policy in pack.policies}


def test_the_pack_needs_nothing_but_the_policy_sdk():
    own = {module.stem for module in PACK.glob("*.py")}
    imported = {
        name.split(".")[0]
        for module in PACK.glob("*.py")
        for name in re.findall(r"^(?:import|from) ([\w.]+)", module.read_text(), re.MULTILINE)
    }
    assert imported - own - sys.stdlib_module_names == {"pulumi_policy"}
    [needed] = (PACK / "requirements.txt").read_text().split()
    assert needed.startswith("pulumi-policy")
