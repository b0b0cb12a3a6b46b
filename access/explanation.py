"""From a person to a decision, link by link: groups, roles, trust, policies, boundary."""

from collections.abc import Iterator
from dataclasses import dataclass

from access.answers import Subject, beyond, dependence, further_groups, grant_label, role_label
from access.model import AccessModel
from access.role_chains import RoleGrant
from settings import AccountRole


@dataclass(frozen=True)
class Step:
    link: str
    detail: str


BEYOND = "as {}: {}; what that allows is not known"


def chain(model: AccessModel, login: str, action: str, resource: str) -> Iterator[Step]:
    """What leads from the person to the decision, as far as they get."""
    login = model.login(login)
    groups = model.groups_of.get(login, ())
    if not groups:
        yield Step("groups", f"none that this stack puts {login} into")
        return
    yield Step("groups", ", ".join(_group(model, name) for name in groups))
    if len(groups) > 1 and not model.adds_up_groups:
        yield Step("priority", f"{groups[0]} decides, the lowest number; the others give nothing")
    if not model.stack.assignments_enabled:
        yield Step(
            "assigned", "not yet: provisioning.integration is pending; answered as if it were done"
        )
    for grant in model.offered_roles[login]:
        yield from _role(model, login, grant, action, resource)
    for grant in model.assumable_roles[login]:
        if grant.via:
            yield from _hop(model, login, grant)
            yield from _decision(model, login, grant, action, resource)
    for grant in model.assumable_roles[login]:
        for more, _ in beyond(model, login, grant):
            yield Step("beyond", BEYOND.format(grant_label(model, grant), more))
    for name in further_groups(model, Subject(login=login)):
        yield Step("beyond", f"a rule or a directory fills {name}, and may hold {login} too")


def _group(model: AccessModel, name: str) -> str:
    if model.stack.uses_group_mapping:
        return name
    return f"{name} (priority {model.stack.priorities[name]})"


def _role(
    model: AccessModel, login: str, grant: RoleGrant, action: str, resource: str
) -> Iterator[Step]:
    account_role = grant.account_role
    yield Step("role", f"{role_label(model, account_role)}, through {grant.group}")
    admission = model.assume_role_decision(login, account_role)
    yield Step("trust", admission.lower.reason + dependence(admission.depends_on))
    if not admission.possible:
        return
    yield from _decision(model, login, grant, action, resource)


def _hop(model: AccessModel, login: str, grant: RoleGrant) -> Iterator[Step]:
    source = RoleGrant(grant.via[-1], grant.group, grant.via[:-1])
    bounds = model.chains.hop(login, source, grant.account_role)
    decision = bounds.lower if bounds.allowed else bounds.upper
    yield Step("role chain", f"{grant_label(model, grant)}, through {grant.group}")
    yield Step("assume role", decision.reason + dependence(bounds.depends_on))


def _decision(
    model: AccessModel, login: str, grant: RoleGrant, action: str, resource: str
) -> Iterator[Step]:
    bounds = model.in_role(login, grant, action, resource)
    yield Step("policies", _holding(model, grant.account_role))
    yield Step("decision", bounds.lower.reason + dependence(bounds.depends_on))


def _holding(model: AccessModel, account_role: AccountRole) -> str:
    role_policies = model.policies[account_role]
    detail = ", ".join(policy.name for policy in role_policies.identity) or "none"
    if role_policies.boundary is not None:
        detail += f"; boundary {', '.join(policy.name for policy in role_policies.boundary)}"
    if role_policies.unknown:
        detail += f"; content not known here: {', '.join(role_policies.unknown)}"
    return detail
