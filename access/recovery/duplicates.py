"""What Okta and AWS take twice: an app of one label, and a user's access keys.

A killed update that made one leaves it behind, and the next update makes another.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from access.verification.okta_org import Org

AWS, COMMAND_LINE = "amazon_aws", "oidc_client"
APP_TYPES = {"okta:app/saml:Saml": AWS, "okta:app/oAuth:OAuth": COMMAND_LINE}
"""Pulumi's type of an app -> the name of the app's kind in Okta's API."""


@dataclass(frozen=True, order=True)
class OktaApp:
    created: str
    """When, in RFC 3339."""
    id: str
    in_use: bool
    """Whether somebody is assigned to it, or its provisioning is enabled."""
    provider_arn: str
    """ARN of the SAML provider in its settings, or in those of the app that lets it in."""


def apps_of_label(org: Org, kind: str, label: str) -> list[OktaApp]:
    """The apps of exactly that label, the oldest first."""
    matches = [
        app
        for app in org.every("/api/v1/apps", q=label)
        if app["label"] == label and app["name"] == kind
    ]
    users = _apps_by_client(org) if kind == COMMAND_LINE and matches else {}
    return sorted(_app(org, app, users) for app in matches)


def _apps_by_client(org: Org) -> dict[str, Mapping[str, Any]]:
    """Client id of a native app -> the AWS app that lets it in."""
    aws_apps = (app for app in org.every("/api/v1/apps") if app["name"] == AWS)
    clients = ((_settings(app).get("webSSOAllowedClient"), app) for app in aws_apps)
    return {client: app for client, app in clients if client}


def _app(org: Org, app: Mapping[str, Any], users: Mapping[str, Mapping[str, Any]]) -> OktaApp:
    path = f"/api/v1/apps/{app['id']}"
    assigned = any(True for part in ("groups", "users") for _ in org.every(f"{path}/{part}"))
    return OktaApp(
        created=app["created"],
        id=app["id"],
        in_use=assigned or "PUSH_NEW_USERS" in app.get("features", ()),
        provider_arn=_settings(users.get(app["id"], app)).get("identityProviderArn") or "",
    )


def _settings(app: Mapping[str, Any]) -> Mapping[str, Any]:
    return (app.get("settings") or {}).get("app") or {}


@dataclass(frozen=True)
class AppChoice:
    """Apps of one label, told apart."""

    ours: OktaApp | None
    """The one of the state; without one, the one to be imported."""
    unused: Sequence[OktaApp]
    """Further apps of this stack that nobody is assigned to."""
    in_use: Sequence[OktaApp]
    """Further apps of this stack that somebody is assigned to; a person has to decide."""
    of_others: Sequence[OktaApp]
    """Apps of another stack: their SAML provider is another one."""


def choose_app(
    apps: Sequence[OktaApp], ids_in_state: Collection[str], provider_arns: Collection[str]
) -> AppChoice:
    """`provider_arns`: the stack's; with "" among them where an app that names none is its own.

    Without one in the state, an app in use goes before an unused one, and the oldest before others.
    """
    own = [app for app in apps if app.id in ids_in_state or app.provider_arn in provider_arns]
    own_in_state = [app for app in own if app.id in ids_in_state]
    ordered = own_in_state or sorted(own, key=lambda app: (not app.in_use, app))
    ours = ordered[0] if ordered else None
    further = [app for app in own if app is not ours]
    return AppChoice(
        ours=ours,
        unused=[app for app in further if not app.in_use],
        in_use=[app for app in further if app.in_use],
        of_others=[app for app in apps if app not in own],
    )


def delete_app(org: Org, app_id: str) -> None:
    """Okta deletes only an app that was deactivated before."""
    org.send("POST", f"/api/v1/apps/{app_id}/lifecycle/deactivate")
    org.send("DELETE", f"/api/v1/apps/{app_id}")


@dataclass(frozen=True)
class ForeignKey:
    """An access key of the provisioning user that the state does not hold."""

    user: str
    id: str
    last_used: datetime | None
    """None if it never was; then nobody has typed it anywhere with success."""


def foreign_keys(iam: Any, user: str, ids_in_state: Collection[str]) -> Iterator[ForeignKey]:
    """`iam`: a client of IAM in the user's account."""
    try:
        keys = iam.list_access_keys(UserName=user)["AccessKeyMetadata"]
    except iam.exceptions.NoSuchEntityException:
        return
    for key in keys:
        if key["AccessKeyId"] not in ids_in_state:
            used = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
            last_used = used["AccessKeyLastUsed"].get("LastUsedDate")
            yield ForeignKey(user, key["AccessKeyId"], last_used)


def delete_key(iam: Any, key: ForeignKey) -> None:
    iam.delete_access_key(UserName=key.user, AccessKeyId=key.id)
