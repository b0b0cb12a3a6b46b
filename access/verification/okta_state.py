"""What an Okta org holds of a federation. Source: Okta's API reference."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from access.verification import certificates
from access.verification.okta_org import Org
from okta_aws_federation.okta_app import group_rule_name

PROVISIONS = "PUSH_NEW_USERS"
"""The feature of an app whose provisioning is on (Okta's Apps API)."""
AWS = "amazon_aws"
"""The name of AWS Account Federation in Okta's catalog."""


@dataclass(frozen=True)
class Group:
    """An Okta group of the stack file's."""

    id: str
    people: Mapping[str, Mapping[str, Any]]
    """Login -> profile."""
    rules: Mapping[str, str]
    """Active rules that fill it: name -> expression."""
    rule_id: str | None
    """Of the rule that a stack makes for it, which is called like the group."""


@dataclass(frozen=True)
class Assignment:
    """A group's assignment to the app."""

    priority: int
    roles: tuple[str, ...]


@dataclass(frozen=True)
class AppState:
    """The app and everything around it."""

    app: Mapping[str, Any]
    """As `/api/v1/apps/{id}` answers."""
    metadata: str
    """What Okta serves for the key that signs; empty for an app that is not active."""
    assignments: Mapping[str, Assignment]
    """Group's name -> what its people get."""
    direct: frozenset[str]
    """Logins of people who have the app without a group."""
    combines_roles: bool
    policy: str | None
    """Name of the sign-on policy, if it could be read."""
    policy_id: str | None = None
    """Id of the sign-on policy."""
    client_policy_id: str | None = None
    """Id of the sign-on policy of the native app that may enter through this one, if there is
    one."""
    policy_is_default: bool | None = None
    """Whether the sign-on policy is the org's default one; None if it could not be read."""
    policy_rule: Mapping[str, Any] | None = None
    """The rule of the sign-on policy that decides first, if the stack makes the policy."""
    client_label: str | None = None
    """Label of the native app that may enter through this one."""
    certificates: frozenset[str] = frozenset()
    """Those of all keys of the app, in base64."""


@dataclass(frozen=True)
class OrgState:
    """An org as far as the stack file speaks of it; `app` is None without one of the label."""

    app: AppState | None
    groups: Mapping[str, Group]
    further_apps: tuple[str, ...] = ()
    """Ids of the other apps of the same label."""
    group_types: Mapping[str, str] = field(default_factory=dict)
    """Name of every group of the org -> its type, such as OKTA_GROUP."""


@dataclass(frozen=True)
class Evidence:
    """What tells the stack's app from others of its label, in this order."""

    ids_in_state: Callable[[], Collection[str]] = tuple
    """Ids that the state holds; asked for only if there are several apps."""
    issuers: Collection[str] = ()
    """Entity ids that the accounts' SAML provider takes the word of."""
    provider_arns: Collection[str] = ()
    """ARNs of the stack's SAML providers, which tell its app if it has another label."""


def read(
    org: Org, label: str, names: Sequence[str], *, policy: bool, evidence: Evidence
) -> OrgState:
    """The app of that label, and the groups of these names. Raises SettingsError.

    An app that was renamed is found by the SAML provider that it names.
    """
    apps = [app for app in aws_apps(org, q=label) if app["label"] == label]
    if not apps and evidence.provider_arns:
        apps = [
            app
            for app in aws_apps(org)
            if app["settings"]["app"].get("identityProviderArn") in evidence.provider_arns
        ]
    ours, further = _ours(org, apps, evidence)
    listed = list(org.every("/api/v1/groups"))
    every_group = {group["profile"]["name"]: group["id"] for group in listed}
    types = {group["profile"]["name"]: group["type"] for group in listed}
    rules = list(org.every("/api/v1/groups/rules"))
    groups = {
        name: group_state(org, name, every_group[name], rules)
        for name in names
        if name in every_group
    }
    names_by_id = {identifier: name for name, identifier in every_group.items()}
    app = app_state(org, ours, names_by_id, policy) if ours else None
    return OrgState(app, groups, further, types)


def aws_apps(org: Org, **query: str) -> Iterator[Mapping[str, Any]]:
    """The apps of AWS Account Federation. Raises SettingsError."""
    return (app for app in org.every("/api/v1/apps", **query) if app["name"] == AWS)


def _ours(
    org: Org, apps: Sequence[Mapping[str, Any]], evidence: Evidence
) -> tuple[Mapping[str, Any] | None, tuple[str, ...]]:
    """The stack's app, and the ids of the others: Okta takes two apps of one label."""
    if len(apps) < 2:
        return (apps[0] if apps else None), ()
    ids_in_state = evidence.ids_in_state()

    def rank(app: Mapping[str, Any]) -> tuple[bool, bool, bool, str]:
        metadata = _metadata(org, app)
        trusted = bool(metadata) and certificates.issuer(metadata) in evidence.issuers
        assigned = any(True for _ in org.every(f"/api/v1/apps/{app['id']}/groups"))
        return app["id"] not in ids_in_state, not trusted, not assigned, app["created"]

    ordered = sorted(apps, key=rank)
    return ordered[0], tuple(app["id"] for app in ordered[1:])


def _metadata(org: Org, app: Mapping[str, Any]) -> str:
    """What Okta serves for the key that signs; empty for an app that is not active."""
    kid = app["credentials"]["signing"].get("kid")
    if app["status"] != "ACTIVE" or not kid:
        return ""
    return org.text(f"/api/v1/apps/{app['id']}/sso/saml/metadata", kid=kid)


def group_state(org: Org, name: str, identifier: str, rules: Sequence[Any]) -> Group:
    """A group with its people. `rules`: all of the org, as `/api/v1/groups/rules` answers."""
    people = org.every(f"/api/v1/groups/{identifier}/users")
    fills = {
        rule["name"]: rule["conditions"]["expression"]["value"]
        for rule in rules
        if rule["status"] == "ACTIVE"
        and identifier in rule["actions"]["assignUserToGroups"]["groupIds"]
    }
    own = [rule["id"] for rule in rules if rule["name"] == group_rule_name(name)]
    profiles = {each["profile"]["login"]: each["profile"] for each in people}
    return Group(identifier, profiles, fills, own[0] if own else None)


def app_state(org: Org, app: Mapping[str, Any], names: Mapping[str, str], policy: bool) -> AppState:
    """An app with its assignments. `names`: id of each group -> its name."""
    path = f"/api/v1/apps/{app['id']}"
    schema = org.get(f"/api/v1/meta/schemas/apps/{app['id']}/default")
    roles_property = schema["definitions"]["base"]["properties"].get("samlRoles", {})
    policy_id = _policy_id(app)
    read = _policy(org, policy_id, required=policy) if policy_id else {}
    client = _client(org, app)
    keys = org.every(f"{path}/credentials/keys")
    return AppState(
        app=app,
        metadata=_metadata(org, app),
        assignments={
            names.get(each["id"], each["id"]): Assignment(
                each["priority"], tuple((each["profile"] or {}).get("samlRoles") or ())
            )
            for each in org.every(f"{path}/groups")
        },
        direct=frozenset(
            each["credentials"]["userName"]
            for each in org.every(f"{path}/users")
            if each["scope"] == "USER"
        ),
        combines_roles=roles_property.get("union") == "ENABLE",
        policy=read.get("name"),
        policy_id=policy_id,
        client_policy_id=_policy_id(client) if client else None,
        policy_is_default=read.get("system"),
        policy_rule=_first_rule(org, policy_id) if policy and policy_id else None,
        client_label=client["label"] if client else None,
        certificates=frozenset(each for key in keys for each in key.get("x5c") or ()),
    )


def _client(org: Org, app: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The native app that may enter through the app."""
    client = app["settings"]["app"].get("webSSOAllowedClient")
    if not client:
        return None
    native = org.every("/api/v1/apps", filter='name eq "oidc_client"')
    return next(
        (each for each in native if each["credentials"]["oauthClient"]["client_id"] == client), None
    )


def _first_rule(org: Org, policy_id: str) -> Mapping[str, Any] | None:
    rules = org.every(f"/api/v1/policies/{policy_id}/rules")
    return min(
        (each for each in rules if each["status"] == "ACTIVE"),
        key=lambda rule: rule["priority"],
        default=None,
    )


def _policy_id(app: Mapping[str, Any]) -> str | None:
    link: str = app.get("_links", {}).get("accessPolicy", {}).get("href", "")
    return link.rpartition("/")[2] or None


def _policy(org: Org, identifier: str, *, required: bool) -> Mapping[str, Any]:
    """The policy; nothing where it is not required and the token has no `okta.policies.read`."""
    path = f"/api/v1/policies/{identifier}"
    if not required:
        answer = org.exchange("GET", path)
        return {} if answer.is_error else dict(answer.json())
    return dict(org.get(path))
