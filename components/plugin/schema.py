"""The package schema: what other languages know of the components.

Read from the components and their argument classes by the SDK's analyzer, which is made for typed
dictionaries. What it does not do with dataclasses (SDK 3.274.1, `pulumi/provider/experimental`):

- `analyzer.py`, `analyze_type`: a default makes an argument optional only in a `TypedDict`;
- `analyze_property`: a union becomes its first type, a date an object without properties;
- `schema.py`, `Property.to_json`: neither `oneOf` nor `secret`.
"""

import dataclasses
import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Union, get_args

from pulumi import ComponentResource
from pulumi.provider.experimental.analyzer import Analyzer, PropertyDefinition
from pulumi.provider.experimental.schema import generate_schema
from pulumi.provider.experimental.util import camel_case

import components

from .hints import alternatives, is_resource

PACKAGE = "okta-aws-federation"
INTRODUCTION = "Single sign-on from Okta to AWS: app, roles, provisioning user and groups."

COMPONENTS: Mapping[type[ComponentResource], type] = {
    components.OktaAwsApp: components.OktaAwsAppArgs,
    components.FederatedRole: components.FederatedRoleArgs,
    components.ProvisioningUser: components.ProvisioningUserArgs,
    components.AccessGroup: components.AccessGroupArgs,
    components.SamlIdentityProvider: components.SamlIdentityProviderArgs,
}
"""Component -> its argument class."""

SECRETS = {("ProvisioningUser", "secretAccessKey")}
"""Outputs that no language may show, by component and name."""

LEFT_OUT = PropertyDefinition()
"""In place of a property whose values are components or resources: they cross no process."""


def has_default(kind: type, name: str) -> bool:
    """Whether an argument may be left out."""
    fields = {field.name: field for field in dataclasses.fields(kind)}
    field = fields[name]
    return not (field.default is field.default_factory is dataclasses.MISSING)


class DataclassAnalyzer(Analyzer):
    """The SDK's analyzer, for components whose arguments are dataclasses."""

    def __init__(self) -> None:
        super().__init__(PACKAGE)
        self.text_or_object: set[tuple[str, str]] = set()
        """Class and argument of those that take an id or an object."""

    def analyze_component(self, component: type[ComponentResource]) -> Any:
        definition = super().analyze_component(component)
        definition.inputs = without_resources(definition.inputs)
        definition.outputs = without_resources(definition.outputs)
        return definition

    def analyze_property(
        self, arg: Any, typ: type, name: str, *, can_be_plain: bool, **options: Any
    ) -> PropertyDefinition:
        taken = alternatives(arg)
        if not taken.nested and not taken.others:
            return LEFT_OUT
        if dataclasses.is_dataclass(typ) and has_default(typ, name):
            options["optional"] = True
        if taken.nested and taken.takes_output:
            self.text_or_object.add((typ.__name__, name))
            arg = taken.nested
        elif date in taken.others:
            arg = str
        elif any(is_resource(each) for each in get_args(arg)):
            arg = Union[taken.others]  # noqa: UP007 - of a tuple
        # Never "plain", which would refuse outputs of other stacks and components: whether a value
        # is known is seen when the component is made.
        return super().analyze_property(arg, typ, name, can_be_plain=False, **options)

    def get_docstring(self, typ: type, name: str) -> str | None:
        text = super().get_docstring(typ, name)
        return " ".join(text.split()) if text else None


def without_resources(properties: dict[str, PropertyDefinition]) -> dict[str, PropertyDefinition]:
    """The properties that can be sent: no resources, and no lists of them."""
    return {
        name: each
        for name, each in properties.items()
        if each is not LEFT_OUT and each.items is not LEFT_OUT
    }


def mark_text_or_object(schema: dict[str, Any], kind: str, argument: str) -> None:
    """Let an argument be an id as well as the object that its `$ref` names."""
    owners = {args.__name__: component.__name__ for component, args in COMPONENTS.items()}
    if kind in owners:
        properties = schema["resources"][f"{PACKAGE}:index:{owners[kind]}"]["inputProperties"]
    else:
        properties = schema["types"][f"{PACKAGE}:index:{kind}"]["properties"]
    taken = properties[camel_case(argument)]
    taken["oneOf"] = [{"type": "string"}, {"$ref": taken.pop("$ref")}]


def package_schema(version: str) -> tuple[str, Mapping[str, Mapping[str, str]]]:
    """The schema, JSON, and each component's outputs: name in the schema -> attribute in Python."""
    analyzer = DataclassAnalyzer()
    result = analyzer.analyze(list(COMPONENTS))
    definitions = result["component_definitions"]
    schema = generate_schema(
        PACKAGE, version, None, definitions, result["type_definitions"], []
    ).to_json()
    schema |= {"displayName": "Okta AWS federation", "description": INTRODUCTION}
    for kind, argument in analyzer.text_or_object:
        mark_text_or_object(schema, kind, argument)
    for component, output in SECRETS:
        schema["resources"][f"{PACKAGE}:index:{component}"]["properties"][output]["secret"] = True
    outputs = {
        name: {key: definition.outputs_mapping[key] for key in definition.outputs}
        for name, definition in definitions.items()
    }
    return json.dumps(schema), outputs
