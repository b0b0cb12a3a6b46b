"""Which AWS roles a person gets, by Okta's rules.

Two modes. With `useGroupMapping` a group's name says account and role. Without it, roles are
named in assignments: a direct assignment wins; of several groups the one with the smallest
priority number counts, or all of them when the org combines values across groups.
"""

import re
from dataclasses import dataclass
from string import Template

from sandbox.okta import catalogue
from sandbox.okta.models import App, Group, GroupAssignment, SamlApp, User


@dataclass(frozen=True, order=True)
class RolePair:
    provider_arn: str
    role_arn: str

    def __str__(self) -> str:
        return f"{self.provider_arn},{self.role_arn}"


def is_assigned(app: App, user: User) -> bool:
    """Whether the person has the app at all, directly or through a group."""
    return user.id in app.users or bool(_assignments(app, user))


def of(app: SamlApp, user: User) -> list[RolePair]:
    """The pairs that the person's SAML response carries, in order, each once."""
    if app.settings["useGroupMapping"]:
        pairs = [pair for group in user.groups.values() if (pair := _mapped(app, group))]
    else:
        pairs = [pair for name in _names(app, user) if (pair := _named(app, name))]
    return list(dict.fromkeys(pairs))


def _names(app: SamlApp, user: User) -> list[str]:
    direct = app.users.get(user.id)
    assignments = _assignments(app, user)
    counted = assignments if app.union_roles else assignments[:1]
    from_groups = [name for assignment in counted for name in _in_profile(assignment.profile)]
    if direct is None:
        return from_groups
    joined = from_groups if app.settings["joinAllRoles"] else []
    return [*_in_profile(direct.profile), *joined]


def _in_profile(profile: dict[str, object]) -> list[str]:
    """`samlRoles`, or else `role`, which Okta falls back to when there are none."""
    names, single = profile.get("samlRoles"), profile.get("role")
    if isinstance(names, list) and names:
        return [str(name) for name in names]
    return [str(single)] if single else []


def _assignments(app: App, user: User) -> list[GroupAssignment]:
    """The person's group assignments, smallest priority number first."""
    matched = [app.groups[group_id] for group_id in user.groups if group_id in app.groups]
    return sorted(matched, key=lambda assignment: assignment.priority)


def _named(app: SamlApp, role_name: str) -> RolePair | None:
    provider_arn = app.settings["identityProviderArn"]
    if not provider_arn:
        return None
    imported = app.integration.roles if app.integration else {}
    account_arn = provider_arn.rpartition(":")[0]
    return RolePair(provider_arn, imported.get(role_name, f"{account_arn}:role/{role_name}"))


def _mapped(app: SamlApp, group: Group) -> RolePair | None:
    if not _may_map(app, group):
        return None
    matched = re.search(catalogue.group_pattern(app.settings["groupFilter"] or ""), group.name)
    if matched is None or not matched.groupdict():
        return None
    pattern = Template(app.settings["roleValuePattern"] or "")
    provider_arn, comma, role_arn = pattern.safe_substitute(matched.groupdict()).partition(",")
    return RolePair(provider_arn, role_arn) if comma else None


def _may_map(app: SamlApp, group: Group) -> bool:
    """`appFilter` names the sources whose groups may grant roles: `okta, active_directory`."""
    sources = [name.strip().lower() for name in (app.settings["appFilter"] or "").split(",")]
    return group.type != "BUILT_IN" and group.source in sources
