"""The tables of the stand-in plugins say of each type what the published SDKs say."""

import importlib
import inspect
import json
import re
import subprocess
import sys

import pytest

# The plugins load the protocol without the SDK, which a process can do only before it imports it.
DUMP = """
import json
from sandbox.plugins.aws import (
    exclusive, identities, policies as managed, providers, roles, secrets
)
from sandbox.plugins.okta import apps, assignments, groups, oauth, policies, rules, users
modules = [exclusive, identities, managed, providers, roles, secrets]
modules += [apps, assignments, groups, oauth, policies, rules, users]
print(json.dumps({
    kind.type: {one.name: one.required for one in kind.inputs}
    for module in modules for kind in module.KINDS
}))
"""


def tables():
    shown = subprocess.run(
        [sys.executable, "-c", DUMP], capture_output=True, text=True, check=True
    ).stdout
    return json.loads(shown)


TABLES = tables()


def sdk_arguments(kind):
    package, module, *_, name = re.split("[:/]", kind)
    path = f"pulumi_{package}" if module == "index" else f"pulumi_{package}.{module}"
    arguments = getattr(importlib.import_module(path), f"{name}Args")
    parameters = inspect.signature(arguments.__init__).parameters
    return {
        getattr(getattr(arguments, key).fget, "_pulumi_name", key): (
            parameter.default is inspect.Parameter.empty
        )
        for key, parameter in parameters.items()
        if key not in ("self", "__self__")
    }


@pytest.mark.parametrize("kind", sorted(TABLES))
def test_a_type_has_no_argument_that_the_sdk_lacks_and_requires_the_same(kind):
    # `tagsAll` is filled in by the plugin and never given by a program.
    ours = {name: required for name, required in TABLES[kind].items() if name != "tagsAll"}
    theirs = sdk_arguments(kind)

    assert ours.keys() <= theirs.keys(), "the stand-in would take what the SDK can't send"
    assert {n for n, required in ours.items() if required} == {
        n for n, required in theirs.items() if required
    }
