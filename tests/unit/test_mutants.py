"""The mutation tool makes the mistakes that matter, and its list of exceptions is of this code."""

import ast
import tomllib
from pathlib import Path

import pytest

from tools.mutants.__main__ import Mutations
from tools.mutants.operators import mutants, sibling_fields

ROOT = Path(__file__).parents[2]
EQUIVALENT = tomllib.loads((ROOT / "tools" / "mutants" / "equivalent.toml").read_text())
CODE = '''
class Key:
    """An access key."""
    key_id: Output[str]
    secret: Output[str]

def export(keys: list[Key], old: list[Key], opts: Options) -> None:
    """Exports a key."""
    if not keys:
        raise InvalidArgs("keys must name one")
    publish("secret", keys[-1].secret, opts=ResourceOptions(protect=True, depends_on=[keys]))
    publish({"id": keys[0].key_id, "secret": keys[1].secret}, key=first, role=second)
'''


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("keys[-1].secret", "keys[-1].key_id"),  # a key's id for its secret
        ("keys[0].key_id", "keys[0].secret"),
        ("keys", "old"),  # the argument of the same type
        ("1", "2"),
        ("True", "False"),  # protect
        ("not keys", "keys"),
        ("raise InvalidArgs('keys must name one')", "pass"),
        ("[keys]", "[]"),
        (
            "ResourceOptions(protect=True, depends_on=[keys])",
            "ResourceOptions(depends_on=[keys])",
        ),
        (
            "{'id': keys[0].key_id, 'secret': keys[1].secret}",
            "{'id': keys[1].secret, 'secret': keys[0].key_id}",
        ),
        (
            "....key_id, 'secret': keys[1].secret}, key=first, role=second)",
            "....key_id, 'secret': keys[1].secret}, key=second, role=first)",
        ),
    ],
)
def test_a_mistake_is_made_in_the_source_and_nothing_else_is_changed(old, new):
    made = [
        each
        for each in mutants("a.py", CODE, sibling_fields([ast.parse(CODE)]))
        if (each.old, each.new) == (old, new)
    ]

    assert made
    before = ast.unparse(ast.parse(CODE)).splitlines()
    for each in made:
        after = each.source.splitlines()
        assert sum(one != other for one, other in zip(before, after, strict=True)) == 1


def test_prose_types_and_docstrings_are_left_alone():
    changed = {each.old for each in mutants("a.py", CODE, {})}

    assert not {"'keys must name one'", "'Exports a key.'", "list[Key]"} & changed


@pytest.mark.parametrize("path", EQUIVALENT or [""])
def test_what_is_listed_as_equivalent_is_a_mistake_of_this_code_and_has_a_reason(path):
    made = {(each.old, each.new) for each in Mutations([path], share=1).mutants()} if path else ()

    for each in EQUIVALENT.get(path, []):
        assert (each["old"], each["new"]) in made
        assert each["reason"].strip()
