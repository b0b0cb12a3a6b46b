"""From a person to a decision, link by link: groups, roles, trust, policies, boundary."""

from collections.abc import Iterator
from dataclasses import dataclass

from access.answers import named
from access.estate import Entry, Estate
from settings import AccountRole


@dataclass(frozen=True)
class Step:
    link: str
    told: str


def chain(estate: Estate, login: str, action: str, resource: str) -> list[Step]:
    """What leads from the person to the decision; it ends where the way ends."""
    return list(_chain(estate, login, action, resource))


def _chain(estate: Estate, login: str, action: str, resource: str) -> Iterator[Step]:
    groups = estate.groups_of.get(login, ())
    if not groups:
        yield Step("groups", f"none that this stack puts {login} into")
        return
    yield Step("groups", ", ".join(_group(estate, name) for name in groups))
    if len(groups) > 1 and not (estate.stack.uses_group_mapping or estate.stack.app.combine_roles):
        yield Step("priority", f"{groups[0]} decides, the lowest number; the others give nothing")
    if not estate.stack.assignments_enabled:
        yield Step("assigned", "not yet: provisioning.integration is pending; told as if it were")
    for entry in estate.offers[login]:
        yield from _role(estate, login, entry, action, resource)


def _group(estate: Estate, name: str) -> str:
    if estate.stack.uses_group_mapping:
        return name
    return f"{name} (priority {estate.stack.priorities[name]})"


def _role(estate: Estate, login: str, entry: Entry, action: str, resource: str) -> Iterator[Step]:
    place = entry.place
    yield Step("role", f"{named(estate, place)}, through {entry.group}")
    admission = estate.admission(login, place)
    yield Step("trust", admission.least.reason + _open(admission.depends_on))
    if not admission.possible:
        return
    span = estate.span(login, place, action, resource)
    yield Step("policies", _holding(estate, place))
    yield Step("decision", span.least.reason + _open(span.depends_on))


def _holding(estate: Estate, place: AccountRole) -> str:
    held = estate.policies[place]
    told = ", ".join(policy.name for policy in held.identity) or "none"
    if held.boundary is not None:
        told += f"; boundary {', '.join(policy.name for policy in held.boundary)}"
    if held.unknown:
        told += f"; content not known here: {', '.join(held.unknown)}"
    return told


def _open(depends_on: tuple[str, ...]) -> str:
    return f" (depends on {', '.join(depends_on)})" if depends_on else ""
