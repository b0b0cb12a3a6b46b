"""Look-ups of what is in the org already (`okta.user.get_user` and so on)."""

import json
from collections.abc import Callable
from typing import Any
from zlib import crc32

from sandbox.plugins.okta import app, published, saml_settings
from sandbox.plugins.okta.errors import OktaError, error_context
from sandbox.plugins.okta.org import Org
from sandbox.plugins.okta.user import PROFILE
from sandbox.plugins.schema import CloudError, LookUp, Values, compact


def get_user(org: Org, args: Values) -> Values:
    """By id, or the first that a search finds."""
    with error_context("failed to get user"):
        if user_id := args.get("userId"):
            found = org.get(f"/api/v1/users/{user_id}")
        else:
            search = _search(args)
            people = org.get("/api/v1/users", limit=1, search=search)
            if not people:
                raise CloudError(f"no users found using search criteria: {search}")
            found = people[0]
        path = f"/api/v1/users/{found['id']}"
        roles = [] if args.get("skipRoles") else org.get(f"{path}/roles")
        groups = [] if args.get("skipGroups") else org.list_all(f"{path}/groups")
    profile = found["profile"]
    custom = {name: v for name, v in profile.items() if name not in PROFILE and v is not None}
    searches = [{"comparison": "eq"} | one for one in args.get("searches", [])]
    return {
        **args,
        **({"searches": searches} if searches else {}),
        **{name: profile[name] for name in PROFILE if profile.get(name)},
        "adminRoles": sorted(role["type"] for role in roles),
        "compoundSearchOperator": args.get("compoundSearchOperator") or "and",
        "customProfileAttributes": compact(json.dumps(custom)) if custom else "",
        "groupMemberships": [group["id"] for group in groups],
        "id": found["id"],
        "roles": [],
        "status": found["status"],
    }


def get_users(org: Org, args: Values) -> Values:
    """Everybody whom a search finds, over all pages, or the people of a group."""
    with error_context("failed to list users"):
        if group_id := args.get("groupId"):
            found = org.list_all(f"/api/v1/groups/{group_id}/users")
        elif args.get("searches"):
            found = org.list_all("/api/v1/users", search=_search(args), sortOrder="0")
        else:
            raise OktaError("must specify either group_id or search attributes", 0)
    return {
        **args,
        "id": str(crc32(json.dumps(args, sort_keys=True).encode())),
        "users": [
            {"id": user["id"], "status": user["status"]}
            | {name: user["profile"].get(name) or "" for name in PROFILE}
            for user in found
        ],
    }


def _search(args: Values) -> str:
    operator = args.get("compoundSearchOperator") or "and"
    return f" {operator} ".join(_criterion(one) for one in args.get("searches", []))


def _criterion(one: Values) -> str:
    if expression := one.get("expression"):
        return str(expression)
    return f'{one["name"]} {one.get("comparison") or "eq"} "{one["value"]}"'


def get_groups(org: Org, args: Values) -> Values:
    """All groups that a search, or the beginning of a name, finds; none is no error."""
    query = {name: args[name] for name in ("q", "search") if args.get(name)}
    if kind := args.get("type"):
        query["filter"] = f'type eq "{kind}"'
    with error_context("failed to list groups"):
        found = org.list_all("/api/v1/groups", **query)
    groups = [
        {
            "customProfileAttributes": "{}",
            "description": group["profile"].get("description") or "",
            "id": group["id"],
            "name": group["profile"]["name"],
            "source": (group.get("source") or {}).get("id", ""),
            "type": group.get("type", ""),
        }
        for group in found
    ]
    return {**args, "groups": groups, "id": str(crc32(json.dumps(query).encode()))}


def get_metadata(org: Org, args: Values) -> Values:
    """An app's metadata; without a key id, of the key that signs now."""
    app_id, key = args["appId"], args.get("keyId")
    with error_context("failed to get app's SAML metadata"):
        query = {"kid": key} if key else {}
        answer = org.get_xml(f"{app.APPS}/{app_id}/sso/saml/metadata", **query)
        text = saml_settings.metadata_text(answer)
    found = saml_settings.metadata_outputs(text, "")
    return {
        "appId": app_id,
        "certificate": found["certificate"],
        "entityId": found["entityUrl"],
        "httpPostBinding": found["httpPostBinding"],
        "httpRedirectBinding": found["httpRedirectBinding"],
        "id": f"{app_id}_metadata",
        "keyId": key,
        "metadata": text,
        "wantAuthnRequestsSigned": False,
    }


def _look_up(call: Callable[[Any, Values], Values], data_source: str) -> LookUp:
    """With the inputs and outputs that the published schema has of Terraform's data source."""
    arguments = published.data_source_arguments(data_source)
    kinds = {name: one["type"] for name, one in arguments.items()}
    inputs = {
        name: kinds[name] + ("!" if one.get("required") else "")
        for name, one in arguments.items()
        if one.get("required") or one.get("optional")
    }
    return LookUp(call, inputs, kinds | {"id": "string"})


LOOKUPS = {
    "okta:app/getMetadataSaml:getMetadataSaml": _look_up(get_metadata, "okta_app_metadata_saml"),
    "okta:index/getGroups:getGroups": _look_up(get_groups, "okta_groups"),
    "okta:user/getUser:getUser": _look_up(get_user, "okta_user"),
    "okta:user/getUsers:getUsers": _look_up(get_users, "okta_users"),
}
