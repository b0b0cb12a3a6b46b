"""An account held against the stack file: provider, roles, the provisioning user, decisions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from access import person
from access.estate import Estate
from access.trusts import trust_document
from access.verification import certificates
from access.verification.aws import AccountState, Role, User
from access.verification.deviation import STRANGER, Deviation, listed
from okta_aws_federation.iam.evaluator import NEEDS_NO_PERMISSION
from settings import AccountRole, policy_document

NOTHING_THERE = "nothing of that name"


def deviations(
    estate: Estate, account: str, state: AccountState, served: str | None
) -> Iterator[Deviation]:
    """What is not as the stack file says. `served`: the metadata that Okta serves now."""
    yield from _provider(estate, account, state, served)
    places = estate.stack.roles_in_account(account)
    for place in places:
        yield from _role(estate, place, state)
    yield from _strangers(estate, account, state, {place.role for place in places})
    if not estate.stack.uses_group_mapping:
        yield from _provisioning(estate, state)


def _provider(
    estate: Estate, account: str, state: AccountState, served: str | None
) -> Iterator[Deviation]:
    name = estate.stack.app.provider
    where = f"SAML provider {name} in {estate.stack.accounts[account].id}"
    if state.metadata is None:
        yield Deviation("AWS", where, "provider", "to be there", NOTHING_THERE)
        return
    if served is None:
        return
    ours, theirs = certificates.issuer(state.metadata), certificates.issuer(served)
    if ours != theirs:
        yield Deviation("AWS", where, "issuer", theirs, ours)
    signing, trusted = certificates.of(served), certificates.of(state.metadata)
    if not signing <= trusted:
        told = "every certificate that Okta signs with"
        yield Deviation("AWS", where, "certificates", told, f"{len(signing - trusted)} missing")


def _role(estate: Estate, place: AccountRole, state: AccountState) -> Iterator[Deviation]:
    said, account = estate.stack.roles[place.role], estate.stack.accounts[place.account]
    found, where = state.roles.get(place.role), f"role {place.role} in {account.id}"
    if found is None:
        yield Deviation("AWS", where, "role", "to be there", NOTHING_THERE)
        return
    arn = account.partition.role_arn(account.id, place.role, said.path)
    if found.arn != arn:
        yield Deviation("AWS", where, "path", arn, found.arn)
    expected = trust_document(estate.stack, place)
    if canonical(found.trust) != canonical(expected):
        yield Deviation("AWS", where, "trust policy", text(expected), text(found.trust))
    boundary = account.policy_arn(said.boundary) if said.boundary else None
    if found.boundary != boundary:
        yield Deviation("AWS", where, "boundary", boundary or "none", found.boundary or "none")
    if found.session_seconds != said.session_hours * 3600:
        told = f"{said.session_hours * 3600} s"
        yield Deviation("AWS", where, "longest session", told, f"{found.session_seconds} s")
    yield from _policies(estate, place, found, state)


def _policies(
    estate: Estate, place: AccountRole, found: Role, state: AccountState
) -> Iterator[Deviation]:
    said, account = estate.stack.roles[place.role], estate.stack.accounts[place.account]
    where = f"role {place.role} in {account.id}"
    own = {
        account.own_policy_arn(name): policy_document(statements)
        for name, statements in said.customer_policies.items()
    }
    attached = {account.policy_arn(each) for each in said.managed_policies} | own.keys()
    for arn in sorted(attached - found.attached):
        yield Deviation("AWS", where, "attachment", arn, "it detached")
    for arn in sorted(found.attached - attached):
        yield Deviation("AWS", where, "attachment", "none of that", arn, STRANGER)
    for arn, document in own.items():
        there = state.policies.get(arn)
        if there is None:
            yield Deviation("AWS", f"policy {arn}", "policy", "to be there", NOTHING_THERE)
        elif canonical(there) != canonical(json.loads(document)):
            yield Deviation("AWS", f"policy {arn}", "document", document, text(there))
    inline = {name: policy_document(told) for name, told in said.inline_policies.items()}
    for name in sorted(found.inline.keys() - inline.keys()):
        yield Deviation("AWS", where, "inline policy", "none of that", name, STRANGER)
    for name, document in inline.items():
        if name not in found.inline:
            yield Deviation("AWS", where, "inline policy", name, "it gone")
        elif canonical(found.inline[name]) != canonical(json.loads(document)):
            told = text(found.inline[name])
            yield Deviation("AWS", where, f"inline policy {name}", document, told)


def _strangers(
    estate: Estate, account: str, state: AccountState, ours: set[str]
) -> Iterator[Deviation]:
    """Roles that the same people could enter, and that the stack file does not know."""
    provider = estate.stack.accounts[account].saml_provider_arn(estate.stack.app.provider)
    for name in sorted(state.roles.keys() - ours):
        if provider in json.dumps(state.roles[name].trust):
            where = f"role {name} in {estate.stack.accounts[account].id}"
            told = f"no other role that trusts {provider}"
            yield Deviation("AWS", where, "trust policy", told, "it trusting that", STRANGER)


def _provisioning(estate: Estate, state: AccountState) -> Iterator[Deviation]:
    said, account = estate.stack.provisioning, estate.stack.account
    where = f"user {said.user} in {account.id}"
    if state.user is None:
        yield Deviation("AWS", where, "user", "to be there", NOTHING_THERE)
        return
    arn = account.own_policy_arn(said.policy)
    groups = {said.group} if said.attach == "group" else set[str]()
    yield from _user(where, state.user, groups, set() if groups else {arn})
    keys = state.user.keys
    if len(keys) != len(said.keys):
        fix = STRANGER if len(keys) > len(said.keys) else "`pulumi up --refresh` makes a new one"
        yield Deviation("AWS", where, "access keys", f"{len(said.keys)}", f"{len(keys)}", fix)
    for key in sorted(key for key, status in keys.items() if status != "Active"):
        yield Deviation("AWS", where, f"access key {key}", "active", "inactive")
    for group in groups:
        attached = state.groups.get(group, frozenset())
        if attached != {arn}:
            yield Deviation("AWS", f"IAM group {group}", "policies", arn, listed(attached))


def _user(where: str, user: User, groups: set[str], attached: set[str]) -> Iterator[Deviation]:
    if user.groups != groups:
        yield Deviation("AWS", where, "groups", listed(groups), listed(user.groups))
    if user.attached != attached:
        yield Deviation("AWS", where, "attachments", listed(attached), listed(user.attached))
    if user.inline:
        yield Deviation("AWS", where, "inline policies", "none", listed(user.inline), STRANGER)
    if user.signs_in:
        yield Deviation("AWS", where, "console password", "none", "one", STRANGER)


def questions(estate: Estate, place: AccountRole) -> Mapping[str, bool]:
    """The expected actions that the model decides for the role whoever is in it, and how."""
    if estate.is_personal(place):
        return {}
    found = {}
    told = context(estate, place)
    for expected in estate.stack.expect:
        for asked in (*expected.can, *expected.cannot):
            if "*" in asked.action or "?" in asked.action or asked.context:
                continue
            if asked.action.lower() in NEEDS_NO_PERMISSION:
                continue  # the simulator knows policies only
            span = estate.span(None, place, asked.action, context=told)
            if not span.depends_on and not estate.policies[place].unknown:
                found[asked.action] = span.allowed
    return found


def context(estate: Estate, place: AccountRole) -> Mapping[str, Any]:
    """What the simulator is told of the session."""
    return person.session(estate.stack, None, place).known


def canonical(document: Any) -> Any:
    """A policy document in which neither order nor a list of one makes a difference."""
    if isinstance(document, Mapping):
        return {key: canonical(value) for key, value in document.items()}
    if isinstance(document, list | tuple):
        values = sorted(
            (canonical(each) for each in document), key=lambda v: json.dumps(v, sort_keys=True)
        )
        return values[0] if len(values) == 1 else values
    return document


def text(document: Any) -> str:
    return json.dumps(document, sort_keys=True)
