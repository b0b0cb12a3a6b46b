"""Whether an app's sign-on policy lets a person in: the first rule that fits decides."""

from __future__ import annotations

from sandbox.okta.models import App, PolicyRule, User
from sandbox.okta.org import Org

DENIED = "Your organization's sign-on policy does not let you into this app."
SECOND_FACTOR = (
    "The app's sign-on policy asks for a second factor. This sandbox has none, so it lets nobody "
    "pass; at Okta you would be asked for it now."
)


def refusal(org: Org, app: App, user: User) -> str | None:
    """Why the person may not enter, or None. The classic engine has no such policies."""
    policy = org.policies.get(app.policy_id or "")
    if policy is None or org.switches.pipeline == "classic":
        return None
    for rule in sorted(policy.rules.values(), key=lambda rule: (rule.system, rule.priority)):
        if rule.status == "ACTIVE" and _fits(rule, user):
            return _decided(rule, second_factor=org.switches.second_factor)
    return None


def _decided(rule: PolicyRule, *, second_factor: bool) -> str | None:
    sign_on = rule.actions["appSignOn"]
    if sign_on["access"] == "DENY":
        return DENIED
    verification = sign_on.get("verificationMethod") or {}
    is_asked = verification.get("factorMode") == "2FA"
    return SECOND_FACTOR if is_asked and not second_factor else None


def _fits(rule: PolicyRule, user: User) -> bool:
    """Whether the rule's people are this person; other conditions (networks, devices) all hold."""
    people = (rule.conditions or {}).get("people") or {}
    groups, users = people.get("groups") or {}, people.get("users") or {}
    if user.id in (users.get("exclude") or []):
        return False
    if user.groups.keys() & set(groups.get("exclude") or []):
        return False
    included_groups, included_users = groups.get("include") or [], users.get("include") or []
    if not included_groups and not included_users:
        return True
    return user.id in included_users or bool(user.groups.keys() & set(included_groups))
