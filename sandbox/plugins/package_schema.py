"""The package schema that `GetSchema` answers: what languages without an SDK know of a plugin.

Pulumi's format (`pulumi/pkg/codegen/schema/pulumi.json`), made from the tables: enough for Pulumi
YAML, `pulumi package get-schema` and `pulumi import`, without descriptions.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.plugins.schema import Arguments, Input, LookUp, Resource

ANY: dict[str, Any] = {"$ref": "pulumi.json#/Any"}
TYPES: dict[str, dict[str, Any]] = {
    "bool": {"type": "boolean"},
    "number": {"type": "integer"},
    "int": {"type": "integer"},
    "list": {"type": "array", "items": ANY},
    "set": {"type": "array", "items": ANY},
    "map": {"type": "object", "additionalProperties": ANY},
}
"""Kinds of values that are no text."""


def package_schema(
    *,
    name: str,
    version: str,
    config: Mapping[str, Input],
    config_secrets: Iterable[str],
    resources: Iterable[Resource],
    lookups: Mapping[str, LookUp],
) -> str:
    """The schema as JSON. `lookups` are by token."""
    settings = properties(kinds(config), config_secrets)
    document = {
        "name": name,
        "version": version,
        # A token such as `okta:app/saml:Saml` is `okta:app:Saml` to a person.
        "meta": {"moduleFormat": "(.*)(?:/[^/]*)"},
        "config": {"variables": settings},
        "provider": {"type": "object", "inputProperties": settings, "properties": settings},
        "resources": {resource.type: resource_schema(resource) for resource in resources},
        "functions": {
            token: {"inputs": an_object(one.inputs), "outputs": an_object(one.outputs)}
            for token, one in lookups.items()
        },
    }
    return json.dumps(document, sort_keys=True)


def resource_schema(resource: Resource) -> dict[str, Any]:
    """One resource type. What only the cloud knows has no kind in the tables, so it may be any."""
    inputs = properties(kinds(resource.inputs), resource.secrets)
    outputs = {
        name: {**ANY, **({"secret": True} if name in resource.secrets else {})}
        for name in resource.outputs
    }
    return {
        "type": "object",
        "inputProperties": inputs,
        "requiredInputs": sorted(name for name, one in resource.inputs.items() if one.required),
        "properties": inputs | outputs,
    }


def kinds(table: Mapping[str, Input]) -> Arguments:
    """A table's arguments by the kind of their values."""
    return {
        name: one.value_type.name + ("!" if one.required else "") for name, one in table.items()
    }


def properties(arguments: Arguments, secrets: Iterable[str] = ()) -> dict[str, dict[str, Any]]:
    """The same as the schema writes them."""
    return {
        name: TYPES.get(kind.rstrip("!"), {"type": "string"})
        | ({"secret": True} if name in secrets else {})
        for name, kind in arguments.items()
    }


def an_object(arguments: Arguments) -> dict[str, Any]:
    """Arguments, or what a look-up answers, as one object."""
    required = sorted(name for name, kind in arguments.items() if kind.endswith("!"))
    return {"type": "object", "properties": properties(arguments), "required": required}
