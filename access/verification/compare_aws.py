"""An account held against the stack file: provider, roles, the provisioning user, decisions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from access import request_context
from access.model import AccessModel
from access.trusts import trust_document, trusts_in_words
from access.verification import access_keys, certificates, other_roles
from access.verification.aws_state import AccountState, Role, User
from access.verification.drift import REPAIR, UNMANAGED, Drift, join_words
from okta_aws_federation.iam.evaluator import NEEDS_NO_PERMISSION
from okta_aws_federation.provisioning_policy import provisioning_policy
from settings import AccountRole, Settings, policy_document

_ROOT = re.compile(r"^arn:[\w-]+:iam::(\d{12}):root$")
NOTHING_THERE = "nothing of that name"


def deviations(
    model: AccessModel,
    account: str,
    state: AccountState,
    served: str | None,
    ids_in_state: Callable[[], Collection[str]] = tuple,
    *,
    provisions: bool = False,
    signers: Collection[str] = (),
) -> Iterator[Drift]:
    """What is not as the stack file says.

    `served`: the metadata that Okta serves now. `signers`: the certificates of all keys of the app,
    if they are known: whoever has the key of another one signs for everybody. `provisions`: whether
    the app's provisioning is on, for which Okta needs a key. `ids_in_state`: the ids that the state
    holds; it is called only where they tell two things apart.
    """
    yield from _provider(model, account, state, served, signers)
    for account_role in model.stack.roles_in_account(account):
        yield from _role(model, account_role, state)
    yield from other_roles.deviations(model, account, state)
    if not model.stack.uses_group_mapping:
        yield from _provisioning(model, state, ids_in_state)
        if provisions and state.user is not None:
            yield from access_keys.unused(model.stack, state.user.keys)


def _provider(
    model: AccessModel,
    account: str,
    state: AccountState,
    served: str | None,
    signers: Collection[str],
) -> Iterator[Drift]:
    name = model.stack.app.provider
    where = f"SAML provider {name} in {model.stack.accounts[account].id}"
    if state.metadata is None:
        yield Drift("AWS", where, "provider", "to be there", NOTHING_THERE)
        return
    if signers and (foreign := certificates.of(state.metadata) - set(signers)):
        expected, observed = "none but those of the app's keys", f"{len(foreign)} of other keys"
        yield Drift("AWS", where, "certificates", expected, observed)
    if served is None:
        return
    ours, theirs = certificates.issuer(state.metadata), certificates.issuer(served)
    if ours != theirs:
        yield Drift("AWS", where, "issuer", theirs, ours)
    signing, trusted = certificates.of(served), certificates.of(state.metadata)
    if not signing <= trusted:
        message = "every certificate that Okta signs with"
        yield Drift("AWS", where, "certificates", message, f"{len(signing - trusted)} missing")


def _role(model: AccessModel, account_role: AccountRole, state: AccountState) -> Iterator[Drift]:
    section, account = model.stack.sections_of(account_role)
    where = f"role {account_role.role} in {account.id}"
    result = state.roles.get(account_role.role)
    if result is None:
        # IAM takes no second role whose name differs in case only.
        same = [name for name in state.roles if name.lower() == account_role.role.lower()]
        fix = "rename it in the stack file, or delete it in IAM"
        if same:
            yield Drift("AWS", where, "name", account_role.role, same[0], fix)
        else:
            yield Drift("AWS", where, "role", "to be there", NOTHING_THERE)
        return
    trust = trust_document(model.stack, account_role)
    if canonical(result.trust) != canonical(trust):
        yield Drift("AWS", where, "trust policy", *trusts_in_words(trust, result.trust))
    boundary = account.policy_arn(section.boundary) if section.boundary else "none"
    for what, expected, observed in (
        ("path", model.stack.role_arn(account_role), result.arn),
        ("boundary", boundary, result.boundary or "none"),
        ("longest session", f"{section.session_hours * 3600} s", f"{result.session_seconds} s"),
    ):
        if expected != observed:
            yield Drift("AWS", where, what, expected, observed)
    yield from _tags(model, account_role, result, where)
    yield from _policies(model, account_role, result, state)


def _tags(
    model: AccessModel, account_role: AccountRole, result: Role, where: str
) -> Iterator[Drift]:
    """A session has its role's tags, so that they decide where a policy compares them."""
    expected = model.stack.tags | model.stack.roles[account_role.role].tags
    for key, value in expected.items():
        if result.tags.get(key) != value:
            yield Drift("AWS", where, f"tag {key}", value, result.tags.get(key, "none"))
    for key in sorted(result.tags.keys() - expected.keys()):
        if f"aws:principaltag/{key.lower()}" in model.policies[account_role].keys:
            yield Drift("AWS", where, f"tag {key}", "none", result.tags[key], UNMANAGED)


def _policies(
    model: AccessModel, account_role: AccountRole, result: Role, state: AccountState
) -> Iterator[Drift]:
    section, account = model.stack.sections_of(account_role)
    where = f"role {account_role.role} in {account.id}"
    own = {
        account.own_policy_arn(name): policy_document(statements)
        for name, statements in section.customer_policies.items()
    }
    attached = {account.policy_arn(each) for each in section.managed_policies} | own.keys()
    for arn in sorted(attached - result.attached):
        yield Drift("AWS", where, "attachment", arn, "it detached")
    # An exclusive role's lists are resources of the stack, which take away what is not in them.
    fix = REPAIR if section.exclusive else UNMANAGED
    for arn in sorted(result.attached - attached):
        yield Drift("AWS", where, "attachment", "none of that", arn, fix)
    for arn, document in own.items():
        there = state.policies.get(arn)
        if there is None:
            yield Drift("AWS", f"policy {arn}", "policy", "to be there", NOTHING_THERE)
        elif canonical(there) != canonical(json.loads(document)):
            yield Drift("AWS", f"policy {arn}", "document", document, text(there))
    inline = {
        name: policy_document(statements) for name, statements in section.inline_policies.items()
    }
    for name in sorted(result.inline.keys() - inline.keys()):
        yield Drift("AWS", where, "inline policy", "none of that", name, fix)
    for name, document in inline.items():
        if name not in result.inline:
            yield Drift("AWS", where, "inline policy", name, "it gone")
        elif canonical(result.inline[name]) != canonical(json.loads(document)):
            message = text(result.inline[name])
            yield Drift("AWS", where, f"inline policy {name}", document, message)


def _foreign_keys(
    where: str, user: str, keys: Collection[str], expected: int, ids_in_state: Collection[str]
) -> Drift:
    """Too many keys: which of them the state does not hold, if it is known."""
    foreign = sorted(set(keys) - set(ids_in_state))
    known = len(keys) - len(foreign) == expected
    command = f"aws iam delete-access-key --user-name {user} --access-key-id"
    observed = f"{len(keys)}: {', '.join(foreign)}" + (" not in the state" if known else "")
    fix = (
        f"`{command} {foreign[0]}` if nobody uses it; `python -m access recover` does so if it "
        "was never used"
        if known
        else f"`{command}` with the id that is not the stack's output provisioningAccessKeyId"
    )
    return Drift("AWS", where, "access keys", f"{expected}", observed, fix)


def _provisioning(
    model: AccessModel, state: AccountState, ids_in_state: Callable[[], Collection[str]]
) -> Iterator[Drift]:
    section, account = model.stack.provisioning, model.stack.account
    where = f"user {section.user} in {account.id}"
    if state.user is None:
        yield Drift("AWS", where, "user", "to be there", NOTHING_THERE)
        return
    arn = policy_arn(state, account.own_policy_arn(section.policy))
    groups = {section.group} if section.attach == "group" else set[str]()
    yield from _user(where, state.user, groups, set() if groups else {arn})
    keys = {key.id: key.active for key in state.user.keys}
    if len(keys) > len(section.keys):
        yield _foreign_keys(where, section.user, keys, len(section.keys), ids_in_state())
    elif len(keys) < len(section.keys):
        fix = "`pulumi up --refresh` makes a new one"
        yield Drift("AWS", where, "access keys", f"{len(section.keys)}", f"{len(keys)}", fix)
    for key in sorted(key for key, active in keys.items() if not active):
        yield Drift("AWS", where, f"access key {key}", "active", "inactive")
    yield from _provisioning_policy(model.stack, state, arn)
    for group in groups:
        attached = state.groups.get(group, frozenset())
        yield from _differing(f"IAM group {group}", "policies", {arn}, attached)
        if inline := state.inline_group_policies.get(group):
            where = f"IAM group {group}"
            yield Drift("AWS", where, "inline policies", "none", join_words(inline), UNMANAGED)


def policy_arn(state: AccountState, arn: str) -> str:
    """The ARN of the policy of that name, whatever its path: an imported one keeps its own."""
    name = arn.rpartition("/")[2].lower()
    return next((each for each in state.policies if each.lower().endswith(f"/{name}")), arn)


def _provisioning_policy(stack: Settings, state: AccountState, arn: str) -> Iterator[Drift]:
    section = stack.provisioning
    multi_account = stack.partition.name if section.permissions == "multi-account" else None
    expected = provisioning_policy(multi_account, section.source_ips)
    observed = state.policies.get(arn)
    if observed is not None and canonical(observed) != canonical(json.loads(expected)):
        yield Drift("AWS", f"policy {arn}", "document", expected, text(observed))


def _user(where: str, user: User, groups: set[str], attached: set[str]) -> Iterator[Drift]:
    yield from _differing(where, "groups", groups, user.groups)
    yield from _differing(where, "attachments", attached, user.attached)
    if user.inline:
        yield Drift("AWS", where, "inline policies", "none", join_words(user.inline), UNMANAGED)
    if user.signs_in:
        yield Drift("AWS", where, "console password", "none", "one", UNMANAGED)


def _differing(
    where: str, what: str, expected: Collection[str], observed: Collection[str]
) -> Iterator[Drift]:
    """What is missing, which an update makes again; what is there beside it, which it leaves."""
    shown = join_words(set(expected)), join_words(set(observed))
    if set(expected) - set(observed):
        yield Drift("AWS", where, what, *shown)
    if set(observed) - set(expected):
        yield Drift("AWS", where, what, *shown, UNMANAGED)


def fix_of_decision(model: AccessModel, account_role: AccountRole, drifts: Sequence[Drift]) -> str:
    """What mends a decision of AWS that is not the model's, from what else deviates in the role."""
    section, account = model.stack.sections_of(account_role)
    own = {account.own_policy_arn(name) for name in section.customer_policies}
    where = {f"role {account_role.role} in {account.id}", *(f"policy {arn}" for arn in own)}
    causes = [each for each in drifts if each.where in where and each.what != "trust policy"]
    if not causes:
        return (
            "nothing else of the role deviates: look for service control policies, and ask with "
            "--live whether AWS changed a policy"
        )
    if any(each.mended_by == "person" for each in causes):
        return "it follows from what deviates in the role: mend that first"
    return REPAIR


def questions(model: AccessModel, account_role: AccountRole) -> Mapping[str, bool]:
    """The expected actions that the model decides for the role whoever is in it, and how."""
    if model.depends_on_identity(account_role):
        return {}
    result = {}
    known = context(model, account_role)
    for expected in model.stack.expect:
        for query in (*expected.can, *expected.cannot):
            if "*" in query.action or "?" in query.action or query.context:
                continue
            if query.action.lower() in NEEDS_NO_PERMISSION:
                continue  # the simulator knows policies only
            bounds = model.decision_range(None, account_role, query.action, context=known)
            if not bounds.depends_on and not model.policies[account_role].unknown:
                result[query.action] = bounds.allowed
    return result


def context(model: AccessModel, account_role: AccountRole) -> Mapping[str, Any]:
    """What the simulator is told of the session."""
    return request_context.session(model.stack, None, account_role).known


def canonical(document: Any) -> Any:
    """A policy document in which neither order nor a list of one makes a difference, nor whether
    an account is written as its number or, as IAM answers, by the ARN of its root."""
    if isinstance(document, str):
        return _ROOT.sub(r"\1", document)
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
