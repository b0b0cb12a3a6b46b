"""Groups and people: who is in which, and what they enter by it."""

from collections.abc import Iterator

from settings.errors import ConfigError
from settings.stack import Settings
from settings.text import folded

EVERYONE = "everyone"


def accounts_have_the_roles(stack: Settings) -> Iterator[ConfigError]:
    """A group that names a role and an account must find the role there."""
    for name, group in stack.groups.items():
        for role in group.roles:
            has = stack.accounts_of(role) if role in stack.roles else []
            if has and group.accounts and not set(group.accounts) & set(has):
                rule = f"names none of the accounts that have {role}"
                yield ConfigError(f"groups.{name}.accounts", rule, f"add one of {', '.join(has)}")


def priorities_differ(stack: Settings) -> Iterator[ConfigError]:
    """Of two groups with one number nobody could say which decides."""
    owners: dict[int, str] = {}
    for name, group in sorted(stack.groups.items()):
        if group.priority in owners:
            yield ConfigError(
                f"groups.{name}.priority",
                f"is also that of {owners[group.priority]}, and Okta refuses equal priorities",
                "give one of them another number",
                group.priority,
            )
        if group.priority is not None:
            owners.setdefault(group.priority, name)


def nobody_waits_for_an_inactive_app(stack: Settings) -> Iterator[ConfigError]:
    """Who is left in a group enters with the next activation, whatever that is for."""
    for name, group in stack.groups.items() if not stack.app.active else ():
        if group.members or group.temporary or group.rule:
            rule = "has people, and the app is inactive: they would enter once it is active"
            yield ConfigError(f"groups.{name}", rule, "empty the group, or set app.active: true")


def not_everyone(stack: Settings) -> Iterator[ConfigError]:
    """AWS is given to groups that were made for it."""
    for name in stack.groups:
        if folded(name) == EVERYONE:
            rule = "is the group that Okta puts every person of the org into"
            yield ConfigError(f"groups.{name}", rule, "make a group of its own for AWS")


def people_are_in_a_group(stack: Settings) -> Iterator[ConfigError]:
    """Only people of a group are made, so one who is in none would be left out without a word."""
    members = {
        folded(login): login
        for group in stack.groups.values()
        for login in (*group.members, *group.temporary)
    }
    for login in stack.people:
        spelling = members.get(folded(login))
        if spelling is None:
            rule, fix = "is in no group, so nothing would be made", "add them to a group's members"
            yield ConfigError(f"people.{login}", rule, fix)
        elif spelling != login:
            rule = f"is {spelling!r} in the groups, which Okta takes for the same person"
            yield ConfigError(f"people.{login}", rule, f"write {spelling}")


def one_group_for_an_id(stack: Settings) -> Iterator[ConfigError]:
    """Okta assigns a group to an app once, with the roles of one of two sections."""
    owners: dict[str, str] = {}
    for name, group in sorted(stack.groups.items()):
        if group.id and (owner := owners.setdefault(group.id, name)) != name:
            rule = f"is also that of {owner}"
            yield ConfigError(f"groups.{name}.id", rule, "write both as one group", group.id)
