"""Trust policies: who else gets into a role, and which role chains AWS stops.

Sources: IAM User Guide, "AWS JSON policy elements: Principal", "The confused deputy problem",
"Monitor and control actions taken with assumed roles".
"""

from collections.abc import Collection, Iterator

from access.findings.finding import Finding, Severity
from access.model import AccessModel
from access.role_chains import ASSUME, SET_IDENTITY, RoleGrant, arn_of, trusted_principals
from okta_aws_federation.iam.policy import Statement
from okta_aws_federation.trust_check import LIMITING_KEYS
from settings import AccountRole

WITHOUT_SOURCE = frozenset({"ec2.amazonaws.com", "lambda.amazonaws.com"})
"""Services that use a role for instances or functions of its own account, and send no source."""


def open_trust(model: AccessModel) -> Iterator[Finding]:
    """A role that everybody, another account, or a service for anybody can enter."""
    reported: set[tuple[str, str, str]] = set()
    ours = {account.id for account in model.stack.accounts.values()}
    for account_role, trust in sorted(model.trusts.items()):
        for statement in trust.statements:
            if not statement.allows or statement.principals is None:
                continue
            for severity, rule, value, message, fix in _open(ours, statement):
                if (account_role.role, rule, value) in reported:
                    continue
                reported.add((account_role.role, rule, value))
                key = f"roles.{account_role.role}.trust.statements"
                yield Finding(severity, rule, key, value, message, fix)


def _open(
    ours: Collection[str], statement: Statement
) -> Iterator[tuple[Severity, str, str, str, str]]:
    principals = statement.principals
    if principals is None:
        return
    if statement.except_principals or principals.everyone:
        # Without a condition that limits it, the settings refuse it.
        yield (
            Severity.NOTE, "role-open-to-everybody", "*",
            "lets every AWS account in that its conditions do not keep out",
            "name the principals, if they are known",
        )  # fmt: skip
    if any(each.key in LIMITING_KEYS and not each.negated for each in statement.conditions):
        return
    for kind, name in sorted(principals.named):
        if kind == "AWS" and name.isdigit() and name not in ours:
            yield (
                Severity.WARNING, "role-open-to-account", name,
                "lets in everybody whom that account allows to assume roles",
                "name a role of that account, or add a condition on sts:ExternalId",
            )  # fmt: skip
        if kind == "Service" and name not in WITHOUT_SOURCE:
            yield (
                Severity.NOTE, "service-without-source", name,
                "may use the role for any account's resources",
                "add a condition on aws:SourceAccount or aws:SourceArn, if the service sends them",
            )  # fmt: skip


def source_identity_stops_chain(model: AccessModel) -> Iterator[Finding]:
    """A role chain that AWS refuses, because a source identity goes along and is not allowed to."""
    if model.stack.app.source_identity is None:
        return
    for account_role in sorted(model.trusts):
        for resource in _refused_targets(model, account_role):
            yield Finding(
                Severity.WARNING,
                "source-identity-stops-chain",
                f"roles.{account_role.role}",
                resource,
                "may be assumed from it, but app.sourceIdentity goes along, and its policies don't "
                "allow sts:SetSourceIdentity",
                "allow sts:SetSourceIdentity on the same resource",
            )
        trust = model.trusts[account_role]
        if trusted_principals(trust, ASSUME) - trusted_principals(trust, SET_IDENTITY):
            yield Finding(
                Severity.WARNING,
                "source-identity-stops-chain",
                f"roles.{account_role.role}.trust.statements",
                SET_IDENTITY,
                "is not among the actions of those who may sts:AssumeRole, and app.sourceIdentity "
                "goes along with whoever comes from another role",
                "add sts:SetSourceIdentity to the statement's Action",
            )


def _refused_targets(model: AccessModel, account_role: AccountRole) -> Iterator[str]:
    """Roles that the policies let assume, but not with a source identity."""
    allowing = [
        statement
        for policy in model.policies[account_role].identity
        for statement in policy.statements_for(ASSUME)
        if statement.allows
    ]
    if not allowing:
        return  # most roles; else every role would be tried from every other
    grant = RoleGrant(account_role, "")
    ours = [arn_of(model.stack, each) for each in sorted(model.trusts) if each != account_role]
    named = {
        template.text
        for statement in allowing
        if not statement.except_resources
        for template in statement.resources
    }
    for resource in [*ours, *sorted(named - set(ours))]:
        asked = resource if resource in ours or not set("*?$") & set(resource) else None
        may_assume, may_set = (
            model.in_role(None, grant, action, asked) for action in (ASSUME, SET_IDENTITY)
        )
        if may_assume.possible and not may_set.possible:
            yield resource


CHECKS = (open_trust, source_identity_stops_chain)
