"""What an app's sign-on policy asks of a person: the first rule that fits decides."""

from typing import Literal

from sandbox.okta.models import App, PolicyRule, Session, User
from sandbox.okta.org import Org

Decision = Literal["allow", "deny", "second factor"]


def decide(org: Org, app: App, session: Session) -> Decision:
    """Whether the person may enter now. The classic engine has no such policies."""
    policy = org.policies.get(app.policy_id or "")
    if policy is None or org.switches.pipeline == "classic":
        return "allow"
    for rule in sorted(policy.rules.values(), key=lambda rule: (rule.system, rule.priority)):
        if rule.status == "ACTIVE" and _fits(rule, session.user):
            return _decision(
                rule, shown=bool(session.factor_verified or org.switches.second_factor)
            )
    return "allow"


def _decision(rule: PolicyRule, *, shown: bool) -> Decision:
    """`shown`: a second factor in this session; how long ago does not count here."""
    sign_on = rule.actions["appSignOn"]
    if sign_on["access"] == "DENY":
        return "deny"
    verification = sign_on.get("verificationMethod") or {}
    return "second factor" if verification.get("factorMode") == "2FA" and not shown else "allow"


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
