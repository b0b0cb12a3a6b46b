"""Who else may assume a role: other accounts, everybody, and services for anybody.

Sources: IAM User Guide, "AWS JSON policy elements: Principal" and "The confused deputy problem".
"""

import re
from collections.abc import Collection, Iterator

from pulumi_policy import ResourceValidationArgs, ResourceValidationPolicy, Severity

import documents
from documents import Statement
from findings import Finding, as_validator, finding, rule_config
from trust import ROLE, Document, pinned_accounts

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


def assuming(trust: Document) -> list[Statement]:
    """The statements that let somebody assume the role."""
    return [
        statement
        for statement in documents.allows(trust)
        if any(statement.covers(action) for action in ASSUME_ACTIONS)
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


def public_statements(trust: Document) -> list[Statement]:
    """Statements that let every AWS account assume the role."""
    return [
        statement
        for statement in assuming(trust)
        if "*" in statement.aws and not limits_callers(statement)
    ]


def open_issuers(trust: Document) -> Iterator[tuple[Statement, str]]:
    """OpenID Connect providers of which everybody may assume the role."""
    for statement in documents.allows(trust):
        if not statement.covers("sts:AssumeRoleWithWebIdentity"):
            continue
        for arn in statement.federated:
            issuer = arn.rpartition(":oidc-provider/")[2].lower()
            if ":saml-provider/" not in arn and not _limits(statement, issuer):
                yield statement, issuer


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


def whole_accounts(trust: Document, known: Collection[str]) -> Iterator[tuple[Statement, str]]:
    """Accounts beside the known ones, of which any principal may assume the role."""
    for statement in assuming(trust):
        for principal in statement.aws:
            account = _ACCOUNT.fullmatch(principal)
            if account and account[1] not in known and not limits_callers(statement):
                yield statement, account[1]


def without_source(trust: Document, services: Collection[str]) -> Iterator[tuple[Statement, str]]:
    """Services that send a source, and may use the role for whatever account it is of."""
    for statement in assuming(trust):
        for service in statement.services:
            if service.removesuffix(".cn") in services and not limits_callers(
                statement, SOURCE_KEYS
            ):
                yield statement, service


def own_accounts(args: ResourceValidationArgs) -> list[str]:
    """The role's account, as far as the program says it: pinned, or in a provider's ARN."""
    providers = [
        arn.split(":")[4]
        for statement in documents.allows(args.props["assumeRolePolicy"])
        for arn in statement.federated
        if arn.count(":") >= 5
    ]
    return [*pinned_accounts(args), *providers]


def find_public_role(args: ResourceValidationArgs) -> Iterator[Finding]:
    if args.resource_type != ROLE:
        return
    for statement in public_statements(args.props["assumeRolePolicy"]):
        yield finding(
            args,
            f"statement {statement.label}",
            f"IAM role '{args.name}' must not let every AWS account assume it: name the principals "
            f"of statement {statement.label}, or add a condition such as StringEquals "
            "aws:PrincipalOrgID.",
        )
    for statement, issuer in open_issuers(args.props["assumeRolePolicy"]):
        claim = "sub" if issuer in SHARED_ISSUERS else "aud"
        yield finding(
            args,
            issuer,
            f"IAM role '{args.name}' must not let everybody whom {issuer} knows assume it: add "
            f"StringEquals {issuer}:{claim} to statement {statement.label} of its trust policy.",
        )


def find_whole_account(args: ResourceValidationArgs) -> Iterator[Finding]:
    if args.resource_type != ROLE:
        return
    own = own_accounts(args)
    if not own:
        return  # which account is another one is not known
    known = {*args.get_config().get("accounts", ()), *own}
    for statement, account in whole_accounts(args.props["assumeRolePolicy"], known):
        yield finding(
            args,
            account,
            f"IAM role '{args.name}' must not let all of account {account} assume it (statement "
            f"{statement.label}): name its roles, add a condition such as StringEquals "
            "sts:ExternalId, or list the account in the rule's accounts.",
        )


def find_service_without_source(args: ResourceValidationArgs) -> Iterator[Finding]:
    if args.resource_type != ROLE:
        return
    services = SOURCE_SERVICES | {*args.get_config().get("services", ())}
    for statement, service in without_source(args.props["assumeRolePolicy"], services):
        yield finding(
            args,
            service,
            f"IAM role '{args.name}' must say for whose resources {service} assumes it: add "
            f"StringEquals aws:SourceAccount, or ArnLike aws:SourceArn, to statement "
            f"{statement.label} of its trust policy.",
        )


no_public_role = ResourceValidationPolicy(
    name="no-public-role",
    description="Not every AWS account can assume a role, nor every user of a provider.",
    validate=as_validator(find_public_role),
    config_schema=rule_config(),
    severity=Severity.CRITICAL,
)

no_whole_account_trust = ResourceValidationPolicy(
    name="no-whole-account-trust",
    description="A role trusts principals of another account, not all of the account.",
    validate=as_validator(find_whole_account),
    config_schema=rule_config(
        accounts={
            "description": "Accounts that roles may trust as a whole.",
            "type": "array",
            "items": {"type": "string", "pattern": "^\\d{12}$"},
        }
    ),
    severity=Severity.HIGH,
)

service_trust_has_source = ResourceValidationPolicy(
    name="service-trust-has-source",
    description="A service assumes a role for resources of known accounts, where it says which.",
    validate=as_validator(find_service_without_source),
    config_schema=rule_config(
        services={
            "description": "Further services that send aws:SourceAccount or aws:SourceArn.",
            "type": "array",
            "items": {"type": "string", "pattern": "^[a-z0-9.-]+\\.amazonaws\\.com$"},
        }
    ),
    severity=Severity.HIGH,
)
