"""Which policy documents IAM takes: their form, and principals that exist.

Source: IAM User Guide, "Grammar of the IAM JSON policy language" and "Troubleshoot IAM
policies"; IAM API Reference, MalformedPolicyDocument. moto checks some of the form, and no trust
policy of CreateRole at all.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import moto.iam.models
from moto.iam import policy_validation
from moto.iam.policy_validation import IAMPolicyDocumentValidator

from okta_aws_federation.iam.policy import MalformedPolicy, Policy, Principals
from okta_aws_federation.iam.values import value_error
from sandbox.aws.cloud import Cloud, account_of
from sandbox.aws.errors import AwsError

_TRUST_ACTIONS = frozenset(
    {
        "sts:assumerole",
        "sts:assumerolewithsaml",
        "sts:assumerolewithwebidentity",
        "sts:setcontext",
        "sts:setsourceidentity",
        "sts:tagsession",
        "sts:*",
        "*",
    }
)
_ACTION = re.compile(r"\*|[\w-]+:[\w*?]+", re.ASCII)
_RESOURCE = re.compile(r"\*|arn:[^:]*:[^:]*:[^:]*:[^:]*:.+|\$\{.+", re.DOTALL)
_UNIQUE_ID = re.compile(r"A[A-Z]{3}[A-Z0-9]{10,}")
_FEDERATED = re.compile(
    r"arn:[\w-]+:iam::\d{12}:(saml-provider|oidc-provider)/\S+|[\w-]+(\.[\w-]+)+", re.ASCII
)
_SERVICE = re.compile(r"[\w.-]+\.amazonaws\.com(\.cn)?", re.ASCII)


class FormOnly(IAMPolicyDocumentValidator):
    """moto's check, which goes on after ours, without conditions: it refuses bare numbers, which
    the grammar has, and dates without seconds, which W3C's form has; and without variables, in
    which it takes colons for those of an ARN."""

    def __init__(self, policy_document: str) -> None:
        policy = json.loads(policy_document)
        statements = policy["Statement"]
        for statement in statements if isinstance(statements, list) else [statements]:
            statement.pop("Condition", None)
        super().__init__(re.sub(r"\$\{[^}]*\}", "x", json.dumps(policy)))


moto.iam.models.IAMPolicyDocumentValidator = FormOnly  # type: ignore[attr-defined]
# What AWS's own policies name besides: `arn:aws:iam::*:root`, `arn:aws:s3:*:*:access-grants/*`.
policy_validation.VALID_RESOURCE_PATH_STARTING_VALUES["iam"]["values"] += [
    "*",
    "root",
    "role-template/",
]
policy_validation.SERVICE_TYPE_REGION_INFORMATION_ERROR_ASSOCIATIONS["s3"][
    "valid_starting_values"
] += ["access-grants/", "async-request/", "job/", "storage-lens"]


def check_identity_policy(document: str) -> None:
    """A policy for a user, group or role. Raises AwsError MalformedPolicyDocument."""
    for statement in _statements(document):
        if "Principal" in statement or "NotPrincipal" in statement:
            raise _malformed("Policy document should not specify a principal.")
        resources = _texts(statement.get("Resource", statement.get("NotResource")))
        if not resources:
            raise _malformed("Policy statement must contain resources.")
        for resource in resources:
            if not _RESOURCE.fullmatch(resource):
                raise _malformed(f'Resource {resource} must be in ARN format or "*".')


def check_trust_policy(cloud: Cloud, account: str, document: str) -> None:
    """The trust policy of a role of the account. Raises AwsError MalformedPolicyDocument."""
    for statement in _statements(document):
        if "Resource" in statement or "NotResource" in statement:
            raise _malformed("Has prohibited field Resource")
        if "Principal" not in statement and "NotPrincipal" not in statement:
            raise _malformed("Missing required field Principal")
        for action in _texts(statement.get("Action", statement.get("NotAction"))):
            if action.lower() not in _TRUST_ACTIONS:
                raise _malformed("AssumeRole policy may only specify STS AssumeRole actions.")
        named = statement.get("Principal", statement.get("NotPrincipal"))
        if isinstance(named, Mapping):
            for kind, value in Principals.of(named).named:
                _check_principal(cloud, account, kind, value)


def _check_principal(cloud: Cloud, account: str, kind: str, value: str) -> None:
    known = True
    if kind == "AWS":
        known = bool(re.fullmatch(r"\d{12}", value) or _UNIQUE_ID.fullmatch(value))
        known = known or exists(cloud, account, value)
    elif kind == "Federated":
        if not _FEDERATED.fullmatch(value):
            raise _malformed(
                "Federated principals must be valid domain names or SAML metadata ARNs"
            )
        known = ":saml-provider/" not in value or exists(cloud, account, value)
    elif kind == "Service":
        known = _SERVICE.fullmatch(value) is not None
    if not known:
        raise _malformed(f'Invalid principal in policy: "{kind}":"{value}"')


def exists(cloud: Cloud, account: str, arn: str) -> bool:
    """Whether a user, role, session or provider of the account's partition is there; in strangers'
    accounts all are."""
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[:2] != ["arn", cloud.accounts[account].name]:
        return False
    if account_of(arn) not in cloud.accounts:
        return re.fullmatch(r"\d{12}", account_of(arn)) is not None
    if not cloud.propagation.visible(arn):
        return False
    iam = cloud.iam(account_of(arn))
    if parts[2] == "sts":
        return parts[5].startswith(("assumed-role/", "federated-user/"))
    entities = (iam.users, iam.roles, iam.saml_providers)
    return any(one.arn == arn for store in entities for one in store.values())


def _statements(document: str) -> Iterator[Mapping[str, Any]]:
    try:
        parsed = json.loads(document)
        Policy.parse(document)
    except MalformedPolicy as error:
        raise _malformed(f"Syntax errors in policy: {error}.") from None
    except ValueError:
        raise _malformed("This policy contains invalid Json") from None
    statements = parsed["Statement"]
    as_list = statements if isinstance(statements, list) else [statements]
    if not as_list:
        raise _malformed("Syntax errors in policy.")
    sids = [statement["Sid"] for statement in as_list if statement.get("Sid")]
    if len(sids) != len(set(sids)):
        raise _malformed("Statement IDs (SID) in a single policy must be unique.")
    for statement in as_list:
        _check_statement(statement)
        yield statement


def _check_statement(statement: Mapping[str, Any]) -> None:
    sid = statement.get("Sid", "")
    if not isinstance(sid, str) or not re.fullmatch(r"[A-Za-z0-9]*", sid):
        raise _malformed(f"Statement IDs (SID) must be alpha-numeric: {sid!r}")
    actions = _texts(statement.get("Action", statement.get("NotAction")))
    if not actions:
        raise _malformed("Policy statement must contain actions.")
    for action in actions:
        if not _ACTION.fullmatch(action):
            raise _malformed(
                f"Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2: {action}"
            )
    _check_condition_values(statement.get("Condition") or {})


def _check_condition_values(condition: Mapping[str, Mapping[str, Any]]) -> None:
    """Dates, numbers, networks and booleans that no evaluation could read.

    That IAM refuses bad dates is documented ("legacy parsing"); of the other kinds it is not known,
    but a value that never matches is never meant.
    """
    for operator, keys in condition.items():
        for key, value in keys.items():
            for one in value if isinstance(value, list) else [value]:
                text = str(one).lower() if isinstance(one, bool) else str(one)
                reason = value_error(operator, text)
                if reason is not None:
                    raise _malformed(
                        f"Syntax errors in policy. Condition {operator} {key}: {text!r} {reason}."
                    )


def _texts(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def _malformed(message: str) -> AwsError:
    return AwsError("MalformedPolicyDocument", message)
