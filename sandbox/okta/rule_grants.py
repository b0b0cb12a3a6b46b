"""The memberships that exist because a group rule says so."""

from collections.abc import Iterable

from sandbox.okta import expressions
from sandbox.okta.models import GroupRule, User
from sandbox.okta.org import Org
from sandbox.okta.reader import Context


def refresh_person(org: Org, user: User) -> None:
    """Hold one person, new or changed, against every rule."""
    for rule in org.rules.values():
        refresh(org, rule, [user])


def refresh(org: Org, rule: GroupRule, people: Iterable[User]) -> None:
    """Let people in whom an active rule matches, and out whom it let in and matches no more.

    A membership that was there before, by hand or by API, is nobody's to take away. An inactive
    rule changes nothing: Okta leaves the people that it let in where they are.
    """
    if rule.status != "ACTIVE":
        return
    condition = expressions.parse(rule.expression)
    groups = [org.groups[group_id] for group_id in rule.group_ids if group_id in org.groups]
    for user in people:
        matches = bool(condition(context_of(user))) and _reached(rule, user)
        for group in groups:
            if matches and user.id not in group.members:
                org.join(group, user)
                rule.granted.add((group.id, user.id))
            elif not matches and (group.id, user.id) in rule.granted:
                org.leave(group, user)
                rule.granted.discard((group.id, user.id))


def withdraw(org: Org, rule: GroupRule) -> None:
    """End every membership that this rule made."""
    for group_id, user_id in rule.granted:
        if group_id in org.groups and user_id in org.users:
            org.leave(org.groups[group_id], org.users[user_id])
    rule.granted.clear()


def context_of(user: User) -> Context:
    """What an expression can speak of: the person's profile and the names of their groups."""
    names = [group.name for group in user.groups.values()]
    return {"user": user.profile, "source": user.profile, "groups": names}


def _reached(rule: GroupRule, user: User) -> bool:
    return user.id not in rule.excluded_users and user.status not in ("STAGED", "DEPROVISIONED")
