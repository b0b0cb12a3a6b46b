"""Apps of one label, which Okta takes twice: a killed update leaves one behind, and the next update
makes another."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from access.findings.finding import Finding, error
from access.verification.okta_org import Org
from access.verification.okta_state import AWS, PROVISIONS, aws_apps
from settings import Settings

RULE = "app-exists"
COMMAND_LINE = "oidc_client"
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
    entered = aws_apps(org) if kind == COMMAND_LINE and matches else ()
    # Client id of a native app -> the AWS app that lets it in.
    users = {_settings(app).get("webSSOAllowedClient", ""): app for app in entered}
    return sorted(_app(org, app, users) for app in matches)


def _app(org: Org, app: Mapping[str, Any], users: Mapping[str, Mapping[str, Any]]) -> OktaApp:
    path = f"/api/v1/apps/{app['id']}"
    assigned = any(True for part in ("groups", "users") for _ in org.every(f"{path}/{part}"))
    return OktaApp(
        created=app["created"],
        id=app["id"],
        in_use=assigned or PROVISIONS in app.get("features", ()),
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


def findings(stack: Settings, ids_in_state: Collection[str], org: Org) -> Iterator[Finding]:
    """Before the first update: apps of the stack's label that the state does not have.

    A preview can't say so: the provider's look-ups make an error of the ordinary case, no app of
    the label. Raises SettingsError if Okta can't be read.
    """
    ours = {account.saml_provider_arn(stack.app.provider) for account in stack.accounts.values()}
    for app in apps_of_label(org, AWS, stack.app.label):
        if app.id in ids_in_state:
            continue
        message = f"Okta has app {app.id} of this label, and the state does not hold it"
        if app.provider_arn in ours:
            fix = "`python -m access recover` says whether to adopt or to delete it"
        else:
            owner = app.provider_arn or "no SAML provider"
            fix = f"it is another stack's ({owner}): choose another label"
        yield error(RULE, "app.label", stack.app.label, message, fix)
