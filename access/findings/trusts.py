"""Trust policies: who else gets into a role, and which role chains AWS stops.

Sources: IAM User Guide, "AWS JSON policy elements: Principal", "The confused deputy problem",
"Monitor and control actions taken with assumed roles", "AWS global condition context keys".
"""

import re
from collections.abc import Collection, Iterator, Mapping
from ipaddress import ip_network
from typing import Any

from access.findings.finding import Finding, Severity, error, warning
from access.model import AccessModel
from access.role_chains import ASSUME, SET_IDENTITY, RoleGrant, trusted_principals
from okta_aws_federation.trust_check import SOURCE_KEYS, limits_callers
from okta_aws_federation.trust_policy import as_list
from settings import AccountRole
from settings.checks.accounts import principals

WITHOUT_SOURCE = frozenset({"ec2.amazonaws.com", "lambda.amazonaws.com"})
"""Services that use a role for instances or functions of its own account, and send no source."""

PRIVATE = [
    ip_network(each)
    for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
]
"""RFC 1918, 6598 and 4193. The loopback addresses are the sandbox's."""

_ACCOUNT = re.compile(r"(?:arn:[\w-]+:iam::)?(\d{12})(?::root)?")


def open_trust(model: AccessModel) -> Iterator[Finding]:
    """A role that everybody, another account, or a service for anybody can enter."""
    ours = {account.id for account in model.stack.accounts.values()}
    for role, settings in sorted(model.stack.roles.items()):
        openings = {
            each
            for statement in settings.trust.statements
            if statement.effect == "Allow"
            for each in _open(ours, statement.document)
        }
        for severity, rule, value, message, fix in sorted(openings, key=lambda each: each[1:]):
            yield Finding(severity, rule, f"roles.{role}.trust.statements", value, message, fix)


def _open(
    ours: Collection[str], statement: Mapping[str, Any]
) -> Iterator[tuple[Severity, str, str, str, str]]:
    trusted = {kind: as_list(names) for kind, names in statement["Principal"].items()}
    limited = limits_callers(statement)
    for name in trusted.get("AWS", ()):
        account = _ACCOUNT.fullmatch(name)
        if name == "*":
            # Without a condition that limits it, the settings refuse it.
            yield (
                Severity.NOTE, "role-open-to-everybody", "*",
                "lets every AWS account in that its conditions do not keep out",
                "name the principals, if they are known",
            )  # fmt: skip
        elif account and account[1] not in ours and not limited:
            yield (
                Severity.WARNING, "role-open-to-account", account[1],
                "lets in everybody whom that account allows to assume roles",
                "name a role of that account, or add a condition on sts:ExternalId",
            )  # fmt: skip
    for name in trusted.get("Service", ()):
        if name not in WITHOUT_SOURCE and not limits_callers(statement, SOURCE_KEYS):
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
            yield warning(
                "source-identity-stops-chain",
                f"roles.{account_role.role}",
                resource,
                "may be assumed from it, but app.sourceIdentity goes along, and its policies don't "
                "allow sts:SetSourceIdentity",
                "allow sts:SetSourceIdentity on the same resource",
            )
        trust = model.trusts[account_role]
        if trusted_principals(trust, ASSUME) - trusted_principals(trust, SET_IDENTITY):
            yield warning(
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
    ours = [model.stack.role_arn(each) for each in sorted(model.trusts) if each != account_role]
    named = {
        template.text
        for statement in allowing
        if not statement.except_resources
        for template in statement.resources
    }
    for resource in [*ours, *sorted(named - set(ours))]:
        queried = resource if resource in ours or not set("*?$") & set(resource) else None
        may_assume, may_set = (
            model.in_role(None, grant, action, queried) for action in (ASSUME, SET_IDENTITY)
        )
        if may_assume.possible and not may_set.possible:
            yield resource


def principal_is_not_there(model: AccessModel) -> Iterator[Finding]:
    """A role that trusts itself, and two that trust each other: IAM makes no role whose principals
    are not there yet, and the provider gives up after two minutes."""
    stack = model.stack
    arns = {stack.role_arn(each): each.role for each in model.trusts}
    named = {
        arn: {principal for _, _, principal in principals(role, stack.roles[role])}
        for arn, role in arns.items()
    }
    for arn, trusted in sorted(named.items()):
        for principal in sorted(trusted):
            if principal == arn or (arn < principal and arn in named.get(principal, ())):
                root = f"{arn.partition(':role/')[0]}:root"
                yield error(
                    "principal-is-not-there",
                    f"roles.{arns[arn]}.trust.statements",
                    principal,
                    "is not there before the role, which trusts itself or is trusted by it",
                    f"trust {root} with a Condition ArnEquals on aws:PrincipalArn",
                )


def private_networks(model: AccessModel) -> Iterator[Finding]:
    """Networks that are not on the internet, from where AWS sees people and Okta call."""
    stack = model.stack
    listed = {f"roles.{name}.trust": role.trust.source_ips for name, role in stack.roles.items()}
    for key, networks in {**listed, "provisioning": stack.provisioning.source_ips}.items():
        for text in networks:
            network = ip_network(text)
            if any(network[0] in each and network[-1] in each for each in PRIVATE):
                yield warning(
                    "network-is-private",
                    f"{key}.sourceIps",
                    text,
                    "is not on the internet, and aws:SourceIp is the address that AWS is called "
                    "from over it",
                    "name the public addresses that people or Okta call from",
                )


CHECKS = (open_trust, source_identity_stops_chain, principal_is_not_there, private_networks)
