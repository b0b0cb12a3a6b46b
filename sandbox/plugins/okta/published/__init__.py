"""The published Okta provider's schema (README.md), under Pulumi's names."""

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from sandbox.plugins.schema import (
    FLAG,
    LIST,
    MAP,
    NUMBER,
    SET,
    TEXT,
    Calls,
    Changed,
    Input,
    Resource,
    Values,
    always,
)

Changes = dict[str, Any]
"""Fields of a row, such as `supported`, by name."""

TYPES = {
    "okta:app/groupAssignment:GroupAssignment": "okta_app_group_assignment",
    "okta:app/oAuth:OAuth": "okta_app_oauth",
    "okta:app/saml:Saml": "okta_app_saml",
    "okta:group/group:Group": "okta_group",
    "okta:group/rule:Rule": "okta_group_rule",
    "okta:index/appSignonPolicyRule:AppSignonPolicyRule": "okta_app_signon_policy_rule",
    "okta:index/userGroupMemberships:UserGroupMemberships": "okta_user_group_memberships",
    "okta:user/user:User": "okta_user",
}
"""Pulumi's token -> Terraform's type."""

RENAMED = {
    "customProfileAttributesToIgnore": "customProfileAttributesToIgnores",
    "platformInclude": "platformIncludes",
}
"""Plurals that Pulumi makes of Terraform's singulars."""

BLOCK_PLURALS = {"search": "searches"}


VALUE_TYPES = {"string": TEXT, "bool": FLAG, "int": NUMBER, "list": LIST, "set": SET}


@cache
def document() -> dict[str, Any]:
    """`schema.json` as it stands."""
    text = (Path(__file__).parent / "schema.json").read_text()
    schema: dict[str, Any] = json.loads(text)
    return schema


def arguments_of(token: str) -> dict[str, dict[str, Any]]:
    """A resource type's arguments by Pulumi's names; KeyError for a type that is not in TYPES."""
    return pulumi_names(document()["resources"][TYPES[token]]["arguments"])


def resource(
    token: str,
    calls: Calls,
    refused: Collection[str] = (),
    *,
    reads_after: Callable[[Values, Changed], bool] = always,
    **changes: Changes,
) -> Resource:
    """A resource type as the schema has it, with what it does not say of inputs in `changes`.

    `refused` are the arguments that the emulated plugin does not implement.
    """
    arguments = arguments_of(token)
    inputs = table(arguments, refused, changes)
    return Resource(
        type=token,
        inputs=inputs,
        outputs=tuple(arguments.keys() - inputs.keys()),
        secrets=tuple(name for name, one in arguments.items() if one.get("sensitive")),
        calls=calls,
        reads_after=reads_after,
    )


def table(
    arguments: Mapping[str, Any], refused: Collection[str], changes: Mapping[str, Changes]
) -> dict[str, Input]:
    """The arguments as rows; those that are outputs only are left out."""
    return {
        name: _row(one, {"supported": name not in refused} | changes.get(name, {}))
        for name, one in arguments.items()
        if one.get("optional") or one.get("required")
    }


def _row(argument: Mapping[str, Any], changes: Changes) -> Input:
    # Pulumi makes one object of a list or set that takes one element, and names what has a name.
    row = Input(
        value_type=MAP if argument.get("maxItems") == 1 else VALUE_TYPES[argument["type"]],
        required=argument.get("required", False) and "generated" not in changes,
        default=argument.get("default") or None,
        replaces=argument.get("forceNew", False),
        computed=argument.get("computed", False),
        suppressed=argument.get("diffSuppressed", False),
        conflicts=tuple(argument.get("conflictsWith", ())),
        required_with=tuple(argument.get("requiredWith", ())),
    )
    return replace(row, **changes)


def data_source_arguments(data_source: str) -> dict[str, dict[str, Any]]:
    """A look-up's arguments and results by Pulumi's names; `okta_user` is `getUser`."""
    found = pulumi_names(document()["dataSources"][data_source]["arguments"])
    # Pulumi makes a plural of the repeated block; a text of that name stays.
    return {
        BLOCK_PLURALS.get(name, name) if isinstance(one.get("element"), dict) else name: one
        for name, one in found.items()
    }


def provider_arguments() -> dict[str, dict[str, Any]]:
    """The provider's own arguments by Pulumi's names."""
    return pulumi_names(document()["provider"])


def pulumi_names(arguments: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """`skip_authentication_policy` -> `skipAuthenticationPolicy`, also where one names another."""
    relations = ("conflictsWith", "requiredWith")
    return {
        camel(name): argument
        | {key: [camel(other) for other in argument[key]] for key in relations if key in argument}
        for name, argument in arguments.items()
    }


def conflicts(token: str, inputs: dict[str, Any]) -> list[tuple[str, str]]:
    """Pairs of arguments of a type that exclude each other and are both set, whatever to."""
    table = arguments_of(token) if token in TYPES else {}
    return [
        (name, other)
        for name, argument in table.items()
        for other in argument.get("conflictsWith", [])
        if name in inputs and other in inputs
    ]


def camel(name: str) -> str:
    """Terraform's name -> Pulumi's."""
    found = re.sub(r"_(\w)", lambda match: match[1].upper(), name)
    return RENAMED.get(found, found)
