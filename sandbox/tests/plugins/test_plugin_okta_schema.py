"""The Okta tables have every argument as the published provider's schema has it, and no others."""

import dataclasses

import pytest

from sandbox.plugins.okta import published
from sandbox.plugins.okta.package import PACKAGE as OKTA

RESOURCES = {resource.type: resource for resource in OKTA.resources}
WITHOUT_SCHEMA = {"okta:index/appSignonPolicy:AppSignonPolicy"}
"""Declared with Terraform's newer framework, which the schema file does not have."""
NEWER = {("okta:index/appSignonPolicyRule:AppSignonPolicyRule", "office365ClientIncludes")}
"""In the SDK 7.0.1 and not in the provider 6.12."""
UNKNOWN_CHECKS = {("okta:group/group:Group", "name")}
"""There is a check in the provider, and nobody here could read or see which."""
VALUE_TYPES = {
    "string": {"string", "JSON"},
    "bool": {"bool"},
    "int": {"number"},
    "list": {"list"},
    "set": {"set"},
}


def value_types(argument):
    """Pulumi makes one object of a list or set that takes one element."""
    return {"map"} if argument.get("maxItems") == 1 else VALUE_TYPES[argument["type"]]


def differences(token, name, row, argument, secrets=()):
    """What of one argument the table has otherwise than the schema."""
    pairs = {
        "value_type": (row.value_type.name in value_types(argument), True),
        "default": (row.default or None, argument.get("default") or None),
        "replaces": (row.replaces, argument.get("forceNew", False)),
        "computed": (row.computed, argument.get("computed", False)),
        "suppressed": (row.suppressed, argument.get("diffSuppressed", False)),
        "conflicts": (set(row.conflicts), set(argument.get("conflictsWith", []))),
        "required_with": (set(row.required_with), set(argument.get("requiredWith", []))),
        "secret": (name in secrets, argument.get("sensitive", False)),
    }
    if not row.generated:
        pairs["required"] = (row.required, argument.get("required", False))
    if row.supported is not False and (token, name) not in UNKNOWN_CHECKS:
        pairs["validated"] = (bool(row.valid), argument.get("validated", False))
    return {
        f"{token} {name} {what}: {ours} {theirs}"
        for what, (ours, theirs) in pairs.items()
        if ours != theirs
    }


def compared():
    """Every input argument that both have: token, name, row, argument, secrets."""
    for token in RESOURCES.keys() - WITHOUT_SCHEMA:
        resource, arguments = RESOURCES[token], published.arguments_of(token)
        for name, row in resource.inputs.items():
            if (token, name) not in NEWER:
                yield token, name, row, arguments[name], resource.secrets
    for name, row in OKTA.arguments.items():
        yield "provider", name, row, published.provider_arguments()[name], ()


def test_every_argument_is_as_the_published_schema_has_it(capsys):
    rows = list(compared())

    found = set().union(*(differences(*row) for row in rows))

    with capsys.disabled():
        print(
            f"\n{len(rows)} arguments of {len(RESOURCES) - 1} Okta types and the provider compared"
        )
    assert found == set()
    assert len(rows) > 180


@pytest.mark.parametrize("token", sorted(RESOURCES.keys() - WITHOUT_SCHEMA))
def test_no_argument_and_no_output_of_the_schema_is_missing(token):
    resource, arguments = RESOURCES[token], published.arguments_of(token)

    assert arguments.keys() - {*resource.inputs, *resource.outputs} == set()
    newer = {name for kind, name in NEWER if kind == token}
    assert resource.inputs.keys() - arguments.keys() == newer
    inputs = {name for name, one in arguments.items() if "optional" in one or "required" in one}
    assert resource.inputs.keys() - newer == inputs


@pytest.mark.parametrize(
    "change",
    [
        {"default": "x"},
        {"replaces": True},
        {"computed": True},
        {"suppressed": True},
        {"conflicts": ("label",)},
        {"required_with": ("label",)},
        {"required": True},
        {"value_type": RESOURCES["okta:group/group:Group"].inputs["skipUsers"].value_type},
        {"valid": (lambda name, value: None,)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_table_with_one_thing_otherwise_is_caught(change):
    token = "okta:app/saml:Saml"
    row = dataclasses.replace(RESOURCES[token].inputs["audience"], **change)

    found = differences(token, "audience", row, published.arguments_of(token)["audience"])

    assert len(found) == 1


def test_the_schema_has_its_source_and_version():
    assert published.document()["source"].startswith("okta/terraform-provider-okta v6.12.0")
