"""AssumeRoleWithSAML: from a verified assertion and a trust policy to a session.

Source: STS API Reference, AssumeRoleWithSAML; IAM User Guide, "Configure SAML assertions for the
authentication response" and "Pass session tags in AWS STS".
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from moto.iam.models import Role, SAMLProvider

from okta_aws_federation.iam.evaluator import Policy, Principal, Request, evaluate_trust
from okta_aws_federation.iam.matching import ContextValue
from sandbox.aws.api_request import ApiRequest
from sandbox.aws.cloud import Cloud, account_of
from sandbox.aws.errors import AwsError
from sandbox.aws.metadata import parse_metadata
from sandbox.aws.saml import Assertion, not_authorized, verify_response
from sandbox.aws.saml_context import name_qualifier, saml_context
from sandbox.aws.session_policies import SessionRequest, check_tags, start_session

ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"
_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_ROLE_ARN = re.compile(r"arn:aws[\w-]*:iam::\d{12}:role/[\w+=,.@/-]+", re.ASCII)
_PROVIDER_ARN = re.compile(r"arn:aws[\w-]*:iam::\d{12}:saml-provider/[\w.-]+", re.ASCII)
_SHORTEST_SESSION, _LONGEST_SESSION = 900, 43_200


def assume_role_with_saml(cloud: Cloud, call: ApiRequest) -> dict[str, object]:
    """Verify the response, ask the trust policy, start the session. Raises AwsError."""
    arguments = call.arguments
    role_arn, provider_arn = _arns(arguments)
    provider = _provider(cloud, provider_arn)
    metadata = parse_metadata(provider.saml_metadata_document or "")
    partition = cloud.accounts[account_of(role_arn)]
    assertion = verify_response(arguments["SAMLAssertion"], metadata, partition, cloud.now())
    _check_pair(assertion, role_arn, provider_arn)
    requested = read_session_request(assertion)
    role = cloud.role(role_arn)
    if role is None:
        raise not_authorized()
    context = saml_context(cloud, call, assertion, provider_arn, requested)
    check_trust(role, provider_arn, context, requested)
    lifetime = timedelta(seconds=_seconds(cloud, arguments, role, assertion, requested))
    session = start_session(cloud, role, requested, lifetime, arguments, provider_arn)
    return session.assumed_role() | {
        "Subject": assertion.subject,
        "SubjectType": assertion.subject_type,
        "Issuer": assertion.issuer,
        "Audience": assertion.recipient,
        "NameQualifier": name_qualifier(assertion.issuer, provider_arn),
    }


def _arns(arguments: Mapping[str, Any]) -> tuple[str, str]:
    role_arn, provider_arn = arguments["RoleArn"], arguments["PrincipalArn"]
    if not _ROLE_ARN.fullmatch(role_arn) or not _PROVIDER_ARN.fullmatch(provider_arn):
        raise AwsError("ValidationError", "Request ARN is invalid")
    if account_of(role_arn) != account_of(provider_arn):
        raise AwsError(
            "ValidationError", "Principal exists outside the account of the Role being assumed"
        )
    return role_arn, provider_arn


def _provider(cloud: Cloud, arn: str) -> SAMLProvider:
    account = account_of(arn)
    providers = cloud.iam(account).saml_providers.values() if account in cloud.accounts else ()
    provider = next((one for one in providers if one.arn == arn), None)
    if provider is None:
        raise _invalid("Specified provider doesn't exist")
    return provider


def _check_pair(assertion: Assertion, role_arn: str, provider_arn: str) -> None:
    """The role must be one of those that the identity provider vouches for.

    AWS documents a pair, role first; the other order, which many identity providers send, is taken.
    """
    offered = assertion.attributes.get(f"{ATTRIBUTES}Role", ())
    pairs = [sorted(part.strip() for part in value.split(",")) for value in offered]
    if sorted((role_arn, provider_arn)) not in pairs:
        raise not_authorized()


def read_session_request(assertion: Assertion) -> SessionRequest:
    """The AWS attributes of an assertion. Raises AwsError InvalidIdentityToken."""
    name = _one(assertion, "RoleSessionName")
    if name is None:
        raise _invalid("RoleSessionName is required in AuthnResponse")
    if not _NAME.fullmatch(name):
        raise _invalid("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}")
    identity = _one(assertion, "SourceIdentity")
    if identity is not None and not _NAME.fullmatch(identity):
        raise _invalid(
            'Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"'
        )
    prefix = f"{ATTRIBUTES}PrincipalTag:"
    keys = [n.removeprefix(prefix) for n in assertion.attributes if n.startswith(prefix)]
    tags = {key: _one(assertion, f"PrincipalTag:{key}") or "" for key in keys}
    transitive = frozenset(assertion.attributes.get(f"{ATTRIBUTES}TransitiveTagKeys", ()))
    check_tags(tags.items(), transitive, "InvalidIdentityToken")
    return SessionRequest(name, tags, transitive, identity, _session_duration(assertion))


def _session_duration(assertion: Assertion) -> int | None:
    text = _one(assertion, "SessionDuration")
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,6}", text) or not (
        _SHORTEST_SESSION <= int(text) <= _LONGEST_SESSION
    ):
        raise _invalid(
            f"SessionDuration in AuthnResponse must be {_SHORTEST_SESSION} to {_LONGEST_SESSION}"
        )
    return int(text)


def _one(assertion: Assertion, name: str) -> str | None:
    values = assertion.attributes.get(f"{ATTRIBUTES}{name}", ())
    if len(values) > 1:
        raise _invalid(f"{name} in AuthnResponse must have one value")
    return values[0] if values else None


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidIdentityToken", message)


def check_trust(
    role: Role, provider_arn: str, context: Mapping[str, ContextValue], requested: SessionRequest
) -> None:
    """Each thing the assertion asks for needs its action in the trust policy."""
    trust = Policy.parse(role.assume_role_policy_document, name=f"trust policy of {role.name}")
    for action in requested.actions("sts:AssumeRoleWithSAML"):
        request = Request(
            action, role.arn, Principal.federated(provider_arn), context, role.account_id
        )
        if not evaluate_trust(request, trust).allowed:
            raise not_authorized()


def _seconds(
    cloud: Cloud,
    arguments: Mapping[str, Any],
    role: Role,
    assertion: Assertion,
    requested: SessionRequest,
) -> int:
    """How long the session lasts; what the assertion says can only shorten it."""
    wanted = arguments.get("DurationSeconds")
    if wanted is not None and wanted > int(role.max_session_duration or 3600):
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        )
    limits = [wanted or 3600]
    limits += [requested.seconds] if requested.seconds is not None else []
    if assertion.session_ends is not None:
        limits.append(int((assertion.session_ends - cloud.now()).total_seconds()))
    return min(limits)
