"""Who else may assume a role: other accounts, everybody, and services for anybody.

Sources: IAM User Guide, "AWS JSON policy elements: Principal" and "The confused deputy problem".
"""

import re
from collections.abc import Collection, Iterator

from pulumi_policy import ResourceValidationArgs, Severity

import documents
from documents import Statement
from findings import Finding, finding, resource_rule, strings
from trust import ROLE, pinned_accounts

ASSUME_ACTIONS = ("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")

LIMITING_KEYS = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "aws:vpcsourceip",
        "sts:externalid",
    }
)
"""Condition keys, in lower case, that say who calls or from where. A caller's own account does not
set them: its tags, its MFA and its session names are no limit for anybody."""

_LIMITING_OPERATOR = re.compile(
    r"(?:ForAnyValue:)?(?:StringEquals|StringEqualsIgnoreCase|StringLike|ArnEquals|ArnLike|IpAddress)"
)
_NARROW_ARN = re.compile(r"arn:[^:]+:[^:]+:[^:]*:\d{12}:")
"""For operators of ARNs, which compare the parts between colons one by one."""
_NARROW_PATTERN = re.compile(r"arn:[^:*?]+:[^:*?]+:[^:*?]*:\d{12}:|o-[a-z0-9]{10,}/|[A-Z0-9]{16,}:")
SHARED_ISSUERS = frozenset(
    {"token.actions.githubusercontent.com", "gitlab.com", "app.terraform.io"}
)
"""OpenID Connect providers that sign for the customers of all organizations: an audience, which
each of them may choose, does not tell them apart."""
_OWNER = re.compile(r"[^*?]*[:/][^*?:/]+[:/]")
"""How a subject of a shared issuer begins: `repo:octo-org/`, with the organization spelt out."""
_ACCOUNT = re.compile(r"(?:arn:[\w-]+:iam::)?(\d{12})(?::root)?")


SOURCE_KEYS = frozenset(
    {"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"}
)
"""Condition keys, in lower case, for whose resource a service acts."""

SOURCE_SERVICES = frozenset(
    f"{name}.amazonaws.com"
    for name in (
        "appstream",
        "bedrock",
        "ecs-tasks",
        "fis",
        "iot",
        "personalize",
        "pipes",
        "rekognition",
        "scheduler",
    )
)
"""Services whose guides ask for such a condition in the trust policy of the role that they assume
("Cross-service confused deputy prevention" of each). EC2 and Lambda take roles of their own account
only, and send none; of the others it is not known."""


def assuming(
    role: ResourceValidationArgs, actions: Collection[str] = ASSUME_ACTIONS
) -> list[Statement]:
    """The statements that let somebody assume the role, by one of the actions."""
    return [
        statement
        for statement in documents.allows(role.props["assumeRolePolicy"])
        if any(statement.covers(action) for action in actions)
    ]


def limits_callers(statement: Statement, keys: Collection[str] = LIMITING_KEYS) -> bool:
    """Whether a condition says who may call, so that not everybody of the principal may."""
    return any(
        key.lower() in keys
        and _LIMITING_OPERATOR.fullmatch(operator)
        and values
        and all(_is_narrow(operator, value) for value in values)
        for operator, key, values in statement.conditions
    )


def _is_narrow(operator: str, value: str) -> bool:
    """Whether a value or pattern leaves out callers of accounts that nobody chose.

    Patterns may end openly behind an account in an ARN, an organization or a principal's id. A
    network of less than eight bits is half the internet, or a few of it make all of it.
    """
    if "${" in value:
        return False
    if "IpAddress" in operator:
        return not re.search(r"/0*[0-7]$", value)
    narrow = _NARROW_ARN if "Arn" in operator else _NARROW_PATTERN
    return not re.search(r"[*?]", value) or narrow.match(value) is not None


def _limits(statement: Statement, issuer: str) -> bool:
    """Whether a condition on a claim leaves out people of organizations that nobody chose."""
    shared = issuer in SHARED_ISSUERS
    return any(
        key.lower().startswith(f"{issuer}:")
        and not (shared and key.lower() == f"{issuer}:aud")
        and _LIMITING_OPERATOR.fullmatch(operator)
        and values
        and all(
            not re.search(r"[*?]", value) or (_OWNER.match(value) if shared else value.strip("*?"))
            for value in values
        )
        for operator, key, values in statement.conditions
    )


def own_accounts(args: ResourceValidationArgs) -> list[str]:
    """The role's account, as far as the program says it: pinned, or in a provider's ARN."""
    providers = [
        arn.split(":")[4]
        for statement in documents.allows(args.props["assumeRolePolicy"])
        for arn in statement.federated
        if arn.count(":") >= 5
    ]
    return [*pinned_accounts(args), *providers]


@resource_rule(Severity.CRITICAL, ROLE)
def no_public_role(args: ResourceValidationArgs) -> Iterator[Finding]:
    """Not every AWS account can assume a role, nor every user of a provider."""
    for statement in assuming(args):
        if "*" in statement.aws and not limits_callers(statement):
            yield finding(
                args,
                f"statement {statement.label}",
                f"IAM role '{args.name}' must not let every AWS account assume it: name the "
                f"principals of statement {statement.label}, or add a condition such as "
                "StringEquals aws:PrincipalOrgID.",
            )
    for statement in assuming(args, ASSUME_ACTIONS[2:]):
        for arn in statement.federated:
            issuer = arn.rpartition(":oidc-provider/")[2].lower()
            if ":saml-provider/" in arn or _limits(statement, issuer):
                continue
            claim = "sub" if issuer in SHARED_ISSUERS else "aud"
            yield finding(
                args,
                issuer,
                f"IAM role '{args.name}' must not let everybody whom {issuer} knows assume it: add "
                f"StringEquals {issuer}:{claim} to statement {statement.label} of its trust "
                "policy.",
            )


@resource_rule(
    Severity.HIGH, ROLE, accounts=strings("Accounts that roles may trust as a whole.", "^\\d{12}$")
)
def no_whole_account_trust(args: ResourceValidationArgs) -> Iterator[Finding]:
    """A role trusts principals of another account, not all of the account."""
    own = own_accounts(args)
    if not own:
        return  # which account is another one is not known
    known = {*args.get_config().get("accounts", ()), *own}
    for statement in assuming(args):
        for account in filter(None, map(_ACCOUNT.fullmatch, statement.aws)):
            if account[1] not in known and not limits_callers(statement):
                yield finding(
                    args,
                    account[1],
                    f"IAM role '{args.name}' must not let all of account {account[1]} assume it "
                    f"(statement {statement.label}): name its roles, add a condition such as "
                    "StringEquals sts:ExternalId, or list the account in the rule's accounts.",
                )


@resource_rule(
    Severity.HIGH,
    ROLE,
    services=strings(
        "Further services that send aws:SourceAccount or aws:SourceArn.",
        "^[a-z0-9.-]+\\.amazonaws\\.com$",
    ),
)
def service_trust_has_source(args: ResourceValidationArgs) -> Iterator[Finding]:
    """A service assumes a role for resources of known accounts, where it says which."""
    services = SOURCE_SERVICES | {*args.get_config().get("services", ())}
    for statement in assuming(args):
        for service in statement.services:
            sends = service.removesuffix(".cn") in services
            if sends and not limits_callers(statement, SOURCE_KEYS):
                yield finding(
                    args,
                    service,
                    f"IAM role '{args.name}' must say for whose resources {service} assumes it: "
                    "add StringEquals aws:SourceAccount, or ArnLike aws:SourceArn, to statement "
                    f"{statement.label} of its trust policy.",
                )
