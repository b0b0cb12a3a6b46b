"""What a statement of a trust policy must not let in: one answer for settings and components.

The policy pack stands alone and has rules of its own; a test compares their answers with these.
Sources: IAM User Guide, "Condition operators" (names are exact, condition keys ignore case; a key
that is missing makes a condition false, but ...IfExists, ForAllValues and negated ones true),
"Principal" and "Keys for SAML-based AWS STS federation".
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from .iam.matching import Kind, matches
from .partitions import PARTITIONS, Partition

SIGN_IN_ACTION = "sts:AssumeRoleWithSAML"
WEB_IDENTITY_ACTION = "sts:AssumeRoleWithWebIdentity"
ASSUME_ACTIONS = (SIGN_IN_ACTION, "sts:AssumeRole", WEB_IDENTITY_ACTION)

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

SOURCE_KEYS = frozenset(
    {"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"}
)
"""Condition keys, in lower case, for whose resource a service acts."""

SHARED_ISSUERS = frozenset(
    {"token.actions.githubusercontent.com", "gitlab.com", "app.terraform.io"}
)
"""OpenID Connect providers that sign for the customers of all organizations: an audience, which
each of them may choose, does not tell them apart."""
_OWNER = re.compile(r"[^*?]*[:/][^*?:/]+[:/]")
"""How a subject of a shared issuer begins: `repo:octo-org/`, with the organization spelt out."""

_PARTITIONS = {partition.name: partition for partition in PARTITIONS}
_AUDIENCE_OPERATORS = {"StringEquals", "StringEqualsIgnoreCase", "StringLike"}
_REGION = r"(?!us-east-1\.)[a-z]{2,4}(?:-[a-z]+)+-\d"
_ACS_ID = r"[A-Za-z0-9]+"
_LIMITING_OPERATOR = re.compile(
    r"(?:ForAnyValue:)?(?:StringEquals|StringEqualsIgnoreCase|StringLike|ArnEquals|ArnLike|IpAddress)"
)
_NARROW_ARN = re.compile(r"arn:[^:]+:[^:]+:[^:]*:\d{12}:")
"""For operators of ARNs, which compare the parts between colons one by one."""
_NARROW_PATTERN = re.compile(r"arn:[^:*?]+:[^:*?]+:[^:*?]*:\d{12}:|o-[a-z0-9]{10,}/|[A-Z0-9]{16,}:")


class Fault(NamedTuple):
    """Why a statement is refused, and what to do."""

    rule: str
    fix: str

    def __str__(self) -> str:
        return f"{self.rule}; {self.fix}"


def trust_fault(statement: Mapping[str, Any]) -> Fault | None:
    """Why a statement lets in somebody whom nobody chose, or None."""
    return (
        audience_fault(statement)
        or open_principal_fault(statement)
        or web_identity_fault(statement)
    )


def audience_fault(statement: Mapping[str, Any]) -> Fault | None:
    """Why a statement would accept a SAML assertion that was made for another service, or None.

    All conditions of a statement have to be met, so one that requires a sign-in endpoint of AWS is
    enough. Statements that let no SAML provider in are fine.
    """
    providers = _saml_providers(statement)
    if (
        statement.get("Effect") != "Allow"
        or not providers
        or not _covers(statement, SIGN_IN_ACTION)
    ):
        return None
    wildcards = [arn for arn in providers if "*" in arn or "?" in arn]
    if wildcards:
        return Fault(f"Principal {wildcards[0]} is any identity provider", "name it by its ARN")
    names = [arn.split(":")[1] for arn in providers]
    if unsupported := [name for name in names if name not in _PARTITIONS]:
        return Fault(f"partition {unsupported[0]} is not supported", "name a provider of another")
    partitions = [_PARTITIONS[name] for name in names]
    faults = [
        _condition_fault(operator, values, partitions)
        for operator, key, values in _conditions(statement)
        if key == "saml:aud"
    ]
    if not faults:
        return Fault(
            "has no condition on SAML:aud, so it would accept an assertion that was made for "
            "another service",
            _add(partitions[0]),
        )
    return None if None in faults else faults[0]


def open_principal_fault(statement: Mapping[str, Any]) -> Fault | None:
    """Why a statement lets every AWS account assume the role, or None."""
    if statement.get("Effect") != "Allow" or not any(
        _covers(statement, action) for action in ASSUME_ACTIONS
    ):
        return None
    principal = statement.get("Principal")
    everybody = "NotPrincipal" in statement or (
        "*" in _texts(principal.get("AWS"))
        if isinstance(principal, Mapping)
        else "*" in _texts(principal)
    )
    if not everybody or limits_callers(statement):
        return None
    return Fault(
        "lets every AWS account assume the role",
        "name the principals, or add a condition such as StringEquals aws:PrincipalOrgID",
    )


def web_identity_fault(statement: Mapping[str, Any]) -> Fault | None:
    """Why a statement lets everybody in whom an OpenID Connect provider knows, or None."""
    if statement.get("Effect") != "Allow" or not _covers(statement, WEB_IDENTITY_ACTION):
        return None
    principal = statement.get("Principal")
    federated = _texts(principal.get("Federated")) if isinstance(principal, Mapping) else []
    for arn in federated:
        issuer = arn.rpartition(":oidc-provider/")[2].lower()
        shared = issuer in SHARED_ISSUERS
        if ":saml-provider/" not in arn and not any(
            key.startswith(f"{issuer}:")
            and not (shared and key == f"{issuer}:aud")
            and _LIMITING_OPERATOR.fullmatch(operator)
            and values
            and all(_is_narrow_claim(value, shared=shared) for value in values)
            for operator, key, values in _conditions(statement)
        ):
            claim = "sub" if shared else "aud"
            return Fault(
                f"lets everybody whom {issuer} knows assume the role",
                f"add a condition such as StringEquals {issuer}:{claim}",
            )
    return None


def _is_narrow_claim(value: str, *, shared: bool) -> bool:
    """Whether a value of a claim leaves out people of organizations that nobody chose."""
    if not re.search(r"[*?]", value):
        return True
    return bool(_OWNER.match(value)) if shared else bool(value.strip("*?"))


def foreign_principal_fault(
    statement: Mapping[str, Any], partitions: Collection[str]
) -> str | None:
    """Why AWS refuses a principal that is in none of the partitions of the role's providers, or
    None; also where no partition is known."""
    principal = statement.get("Principal")
    named = principal if isinstance(principal, Mapping) and partitions else {}
    for kind in ("AWS", "Federated"):
        for arn in _texts(named.get(kind)):
            if arn.startswith("arn:") and (name := arn.split(":")[1]) not in partitions:
                return f"Principal {arn} is in partition {name}, and the role in {min(partitions)}"
    return None


def limits_callers(statement: Mapping[str, Any], keys: Collection[str] = LIMITING_KEYS) -> bool:
    """Whether a condition says who may call, so that not everybody of the principal may."""
    return any(
        key in keys
        and _LIMITING_OPERATOR.fullmatch(operator)
        and values
        and all(_is_narrow(operator, value) for value in values)
        for operator, key, values in _conditions(statement)
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


def _condition_fault(operator: str, values: list[str], partitions: list[Partition]) -> Fault | None:
    written = f"condition {operator} SAML:aud"
    name = operator.removeprefix("ForAnyValue:")
    if operator.startswith("ForAllValues:") or operator.endswith("IfExists"):
        return Fault(f"{written} is also met without any SAML:aud", "use StringEquals")
    if "Not" in name:
        return Fault(f"{written} accepts all audiences but those it names", "use StringEquals")
    if name not in _AUDIENCE_OPERATORS:
        return Fault(f"{written} does not say which audience is accepted", "use StringEquals")
    for value in values:
        if name == "StringLike" and not value.strip("*?"):
            return Fault(f"{written} {value} matches every audience", _name(partitions[0]))
        for partition in partitions:
            compared = value.lower() if name == "StringEqualsIgnoreCase" else value
            if not is_sign_in_endpoint(compared, partition, pattern=name == "StringLike"):
                return Fault(
                    f"{written} {value} is no sign-in endpoint of partition {partition.name}",
                    _name(partition),
                )
    return None if values else Fault(f"{written} has no value", _name(partitions[0]))


def is_sign_in_endpoint(value: str, partition: Partition, *, pattern: bool) -> bool:
    """Whether a value of SAML:aud is a sign-in endpoint of the partition and of nobody else.

    Beside the global endpoint each region has one, and a provider that takes encrypted assertions
    adds its own id (/saml/acs/ID). In a pattern a * may stand for the region or the id alone.
    """
    region, acs_id = (rf"(?:\*|{_REGION})", rf"(?:\*|{_ACS_ID})") if pattern else (_REGION, _ACS_ID)
    optional = "?" if partition.has_global_sign_in else ""
    host = re.escape(partition.sign_in_host)
    endpoint = rf"https://(?:{region}\.){optional}{host}/saml(?:/acs/{acs_id})?"
    return re.fullmatch(endpoint, value) is not None


def _add(partition: Partition) -> str:
    return f"add Condition: {{StringEquals: {{SAML:aud: {partition.sign_in_url}}}}}"


def _name(partition: Partition) -> str:
    return f"name {partition.sign_in_url} or the endpoint of a region"


def _saml_providers(statement: Mapping[str, Any]) -> list[str]:
    """ARNs of SAML providers among the principals; "*" where the statement names everybody."""
    principal = statement.get("Principal")
    if not isinstance(principal, Mapping):
        return ["*"] if "NotPrincipal" in statement or "*" in _texts(principal) else []
    federated = _texts(principal.get("Federated"))
    return [arn for arn in federated if ":saml-provider/" in arn or "*" in arn or "?" in arn]


def _covers(statement: Mapping[str, Any], action: str) -> bool:
    excluded = _texts(statement.get("NotAction"))
    if excluded:
        return not any(matches((pattern,), action, Kind.ACTION) for pattern in excluded)
    included = _texts(statement.get("Action"))
    return any(matches((pattern,), action, Kind.ACTION) for pattern in included)


def _conditions(statement: Mapping[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    """Operator as written, key in lower case, and values."""
    for operator, keys in (statement.get("Condition") or {}).items():
        for key, values in keys.items():
            yield operator, key.lower(), _texts(values)


def _texts(value: Any) -> list[str]:
    """IAM's "one or a list of them" as a list."""
    if value is None:
        return []
    return [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)]
