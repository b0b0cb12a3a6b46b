"""What a person who leaves reaches, where the stack file names them, and what has to go.

Sources: IAM User Guide, "Revoking IAM role temporary security credentials" (a deny on
`aws:TokenIssueTime`), "AWS global condition context keys" (`aws:userid`, `aws:SourceIdentity`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from access.answers import grant_label
from access.model import AccessModel
from access.request_context import session_name, spelling_is_known
from access.role_chains import RoleGrant

LASTING = (
    *("iam:CreateUser", "iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:CreateRole"),
    *("iam:UpdateAssumeRolePolicy", "iam:CreateSAMLProvider", "iam:CreateOpenIDConnectProvider"),
)
"""Actions with which somebody makes credentials, or an entry, that outlast the membership."""


@dataclass(frozen=True)
class Reference:
    """A place of the stack file that names the person."""

    key: str
    fix: str


@dataclass(frozen=True)
class ReachedRole:
    """A role that the person gets into, and what stays open when the membership is gone."""

    label: str
    arn: str
    hours: int
    """How long a session lasts at most: AWS goes on to take it after the membership has ended."""
    lasting: tuple[str, ...]
    """What they may do there that makes credentials or entries of their own."""
    beyond: tuple[str, ...]
    """Roles that they may assume from it and that the file does not have."""
    revocation: dict[str, Any]
    """An inline policy for the role that ends the sessions which are open now."""


@dataclass(frozen=True)
class Offboarding:
    """All that there is to know before somebody leaves."""

    login: str
    references: tuple[Reference, ...]
    unnamed_groups: tuple[str, ...]
    """Groups that a rule or a directory fills: Okta alone knows whether the person is in them."""
    roles: tuple[ReachedRole, ...]


def offboarding(model: AccessModel, login: str, now: datetime) -> Offboarding:
    """For a person by login, whatever its case. `now`: sessions issued before it are revoked."""
    login = model.login(login)
    groups = model.stack.groups
    return Offboarding(
        login=login,
        references=tuple(_references(model, login)),
        unnamed_groups=tuple(
            sorted(name for name, each in groups.items() if each.rule or not each.is_managed)
        ),
        roles=tuple(
            _reached(model, login, grant, now) for grant in model.assumable_roles.get(login, ())
        ),
    )


def _references(model: AccessModel, login: str) -> Iterator[Reference]:
    stack, lower = model.stack, login.lower()
    for name, group in sorted(stack.groups.items()):
        if any(each.lower() == lower for each in group.members):
            yield Reference(f"groups.{name}.members", "take them out")
        if any(each.lower() == lower for each in group.temporary):
            yield Reference(f"groups.{name}.temporary", "take them out")
    if any(each.lower() == lower for each in stack.people):
        fix = "deactivate them in Okta first; taking the line out deletes the user"
        yield Reference(f"people.{login}", fix)
    for number, expectation in enumerate(stack.expect):
        if (expectation.user or "").lower() == lower:
            yield Reference(f"expect.{number}", "take it out: it would be about nobody")
    for account_role, trust in sorted(model.trusts.items()):
        if any(lower in text for text in _texts(trust.statements)):
            yield Reference(f"roles.{account_role.role}.trust", "it names them: correct it")
    for account_role, policies in sorted(model.policies.items()):
        if any(lower in text for policy in policies.all for text in _texts(policy.statements)):
            yield Reference(f"roles.{account_role.role}", "a policy names them: correct it")


def _texts(statements: Any) -> Iterator[str]:
    """What a policy compares with, in lower case."""
    for statement in statements:
        for condition in statement.conditions:
            yield from (template.text.lower() for template in condition.values)
        yield from (template.text.lower() for template in statement.resources)
        if statement.principals is not None:
            yield from (name.lower() for _, name in statement.principals.named)


def _reached(model: AccessModel, login: str, grant: RoleGrant, now: datetime) -> ReachedRole:
    role = model.stack.roles[grant.account_role.role]
    lasting = tuple(
        action for action in LASTING if model.in_role(login, grant, action, None).possible
    )
    return ReachedRole(
        label=grant_label(model, grant),
        arn=model.stack.role_arn(grant.account_role),
        hours=1 if grant.via else role.session_hours,  # role chaining: one hour
        lasting=lasting,
        beyond=model.roles_beyond(login, grant),
        revocation=revocation(model, login, grant, now),
    )


def revocation(model: AccessModel, login: str, grant: RoleGrant, now: datetime) -> dict[str, Any]:
    """A policy that denies everything to the person's sessions from before `now`.

    It is about all sessions of the role where nothing tells theirs: after a hop without a source
    identity, since the caller names the session, and where only Okta knows what it is called.
    """
    condition: dict[str, Any] = {
        "DateLessThan": {"aws:TokenIssueTime": f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}
    }
    source = model.stack.app.source_identity
    statement = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}
    name = session_name(model.stack, login)
    if not spelling_is_known(login):
        return {"Version": "2012-10-17", "Statement": [statement]}
    if not grant.via:
        if name is not None:
            condition["StringLike"] = {"aws:userid": f"*:{name}"}
    elif source is not None and source.value.strip() == "user.login":
        condition["StringLike"] = {"aws:SourceIdentity": login}
    return {"Version": "2012-10-17", "Statement": [statement]}
