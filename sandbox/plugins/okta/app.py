"""What apps of every kind have alike: look, notes, user names, sign-on policy, life and death."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from sandbox.plugins.okta import published
from sandbox.plugins.okta.errors import error_context
from sandbox.plugins.okta.org import Org, retry_for
from sandbox.plugins.schema import Calls, Changed, CloudError, PartlyCreated, Resource, Values
from sandbox.plugins.validation import max_length

APPS = "/api/v1/apps"
DEACTIVATION_SECONDS, DELETION_SECONDS = 20, 30
"""How long each is tried again, whatever Okta says against it."""

NOTE = {"valid": (max_length(250),)}


def resource(
    token: str, calls: Calls, refused: Collection[str], **changes: published.Changes
) -> Resource:
    """A kind of apps.

    Any other `status` than ACTIVE makes an inactive app: the published plugin does not check it.
    """
    notes = {"adminNote": NOTE, "enduserNote": NOTE}
    refused = ("appLinksJson", "logo", *refused)
    return published.resource(
        token, calls, refused, reads_after=reads_after_update, **notes, **changes
    )


def body(inputs: Values) -> Values:
    """The common part of what is sent; empty strings are left out."""
    redirects = {
        "errorRedirectUrl": inputs.get("accessibilityErrorRedirectUrl"),
        "loginRedirectUrl": inputs.get("accessibilityLoginRedirectUrl"),
    }
    template = {
        "template": inputs["userNameTemplate"],
        "type": inputs["userNameTemplateType"],
        "suffix": inputs.get("userNameTemplateSuffix"),
        "pushStatus": inputs.get("userNameTemplatePushStatus"),
    }
    return {
        "accessibility": {"selfService": inputs.get("accessibilitySelfService", False)}
        | {name: url for name, url in redirects.items() if url},
        "credentials": {"userNameTemplate": {name: v for name, v in template.items() if v}},
        "label": inputs["label"],
        "settings": {
            "implicitAssignment": inputs.get("implicitAssignment", False),
            "notes": {
                "admin": inputs.get("adminNote") or None,
                "enduser": inputs.get("enduserNote") or None,
            },
        },
        "visibility": {
            "autoSubmitToolbar": inputs.get("autoSubmitToolbar", False),
            "hide": {"iOS": inputs.get("hideIos", False), "web": inputs.get("hideWeb", False)},
        },
    }


def outputs(org: Org, app: Values, state: Values) -> Values:
    """The common part of what is read. The policy is not, if the program wants it left alone."""
    settings, links = app["settings"], app.get("_links") or {}
    access, notes = app.get("accessibility") or {}, settings.get("notes") or {}
    template, hide = app["credentials"]["userNameTemplate"], app["visibility"]["hide"]
    no_policy = state.get("skipAuthenticationPolicy") or org.is_classic
    return {
        "accessibilityErrorRedirectUrl": access.get("errorRedirectUrl") or "",
        "accessibilityLoginRedirectUrl": access.get("loginRedirectUrl") or "",
        "accessibilitySelfService": bool(access.get("selfService")),
        "adminNote": notes.get("admin") or "",
        "authenticationPolicy": "" if no_policy else policy_of(app),
        "autoSubmitToolbar": bool(app["visibility"].get("autoSubmitToolbar")),
        "enduserNote": notes.get("enduser") or "",
        "hideIos": bool(hide.get("iOS")),
        "hideWeb": bool(hide.get("web")),
        "implicitAssignment": bool(settings.get("implicitAssignment")),
        "label": app["label"],
        "logoUrl": first_link(links, "logo"),
        "name": app["name"],
        "signOnMode": app.get("signOnMode", ""),
        "status": app["status"],
        "userNameTemplate": template.get("template", ""),
        "userNameTemplatePushStatus": template.get("pushStatus", ""),
        "userNameTemplateSuffix": template.get("suffix", ""),
        "userNameTemplateType": template.get("type", ""),
    }


def policy_of(app: Values) -> str:
    """The id of an app's sign-on policy."""
    link = (app.get("_links") or {}).get("accessPolicy") or {}
    return str(link.get("href", "")).rpartition("/")[2]


def first_link(links: Values, name: str) -> str:
    found: list[dict[str, Any]] = links.get(name) or []
    return str(found[0]["href"]) if found else ""


def post(org: Org, sent: Values, inputs: Values) -> Values:
    """Create the app."""
    active = "true" if inputs["status"] == "ACTIVE" else "false"
    made: Values = org.post(f"{APPS}?activate={active}", sent)
    return made


@contextmanager
def partly_created(identifier: str, inputs: Values) -> Iterator[None]:
    """What fails inside comes too late to undo: the app is there, and has to be remembered."""
    try:
        yield
    except CloudError as error:
        raise PartlyCreated(identifier, inputs, str(error)) from error


def set_policy(org: Org, identifier: str, inputs: Values) -> None:
    """Assign the sign-on policy: the given one, or the org's own. A classic org has none."""
    if inputs.get("skipAuthenticationPolicy") or org.is_classic:
        return
    with error_context("failed to set authentication policy"):
        policy = inputs.get("authenticationPolicy") or default_policy(org)
        org.put(f"{APPS}/{identifier}/policies/{policy}")


def default_policy(org: Org) -> str:
    policies = org.get("/api/v1/policies", type="ACCESS_POLICY")
    system = [policy["id"] for policy in policies if policy.get("system")]
    if len(system) != 1:
        raise CloudError(f"the org has {len(system)} default sign-on policies, and must have one")
    return str(system[0])


def set_status(org: Org, identifier: str, status: str) -> None:
    verb = "activate" if status == "ACTIVE" else "deactivate"
    org.post(f"{APPS}/{identifier}/lifecycle/{verb}")


def delete(org: Org, identifier: str, state: Values, what: str = "application") -> None:
    """Okta deletes none that is active. One that is gone already is tried for long, and fails."""
    with error_context(f"failed to delete {what}"):
        if state["status"] == "ACTIVE":
            retry_for(DEACTIVATION_SECONDS, lambda: set_status(org, identifier, "INACTIVE"))
        retry_for(DELETION_SECONDS, lambda: org.delete(f"{APPS}/{identifier}"))


def reads_after_update(inputs: Values, changed: Changed) -> bool:
    """An app that is only turned on or off is neither written nor read again."""
    return changed != {"status"}
