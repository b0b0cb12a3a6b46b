"""STS for callers with keys: who am I, sessions of the caller's own, and roles assumed.

Source: STS API Reference, GetCallerIdentity, GetSessionToken and AssumeRole; IAM User Guide,
"Role chaining" and "Monitor and control actions taken with assumed roles".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from moto.iam.models import Role

from okta_aws_federation.iam.evaluator import Policy, Request, evaluate_trust
from sandbox.aws.api_request import ApiRequest
from sandbox.aws.authorization import decide, denial
from sandbox.aws.caller import Caller
from sandbox.aws.cloud import Cloud
from sandbox.aws.context import request_context
from sandbox.aws.errors import AwsError
from sandbox.aws.session_keys import new_session, new_user_session
from sandbox.aws.session_policies import check_tags, session_policies

_CHAINED = 3600
_TWELVE_HOURS = 43_200


@dataclass(frozen=True)
class _SessionRequest:
    """What the new session is to carry: tags of its own and those handed down, an identity."""

    requested_tags: Mapping[str, str]
    tags: Mapping[str, str]
    transitive: frozenset[str]
    source_identity: str | None


def get_caller_identity(cloud: Cloud, call: ApiRequest, caller: Caller) -> dict[str, object]:
    """GetCallerIdentity: needs no permission."""
    return {"UserId": caller.user_id, "Account": caller.account, "Arn": caller.arn}


def get_session_token(cloud: Cloud, call: ApiRequest, caller: Caller) -> dict[str, object]:
    """GetSessionToken: a session of a user's own. Raises AwsError AccessDenied for sessions."""
    if caller.user is None or caller.session is not None:
        raise AwsError("AccessDenied", "Cannot call GetSessionToken with session credentials", 403)
    seconds = call.arguments.get("DurationSeconds", _TWELVE_HOURS)
    session = new_user_session(cloud, user=caller.user, lifetime=timedelta(seconds=seconds))
    return {"Credentials": session.credentials()}


def assume_role(cloud: Cloud, call: ApiRequest, caller: Caller) -> dict[str, object]:
    """Both sides must agree; within an account a trust that names the caller is enough."""
    arguments = call.arguments
    requested = _session_request(arguments, caller)
    role = cloud.role(arguments["RoleArn"])
    _check_allowed(cloud, call, caller, role, requested)
    assert role is not None  # noqa: S101 - _check_allowed refuses a role that is not there
    seconds = arguments.get("DurationSeconds", 3600)
    longest = _CHAINED if caller.session else int(role.max_session_duration or 3600)
    if seconds > longest:
        raise AwsError("ValidationError", _too_long(chained=caller.session is not None))
    session = new_session(
        cloud,
        role=role,
        name=arguments["RoleSessionName"],
        lifetime=timedelta(seconds=seconds),
        policies=session_policies(cloud, role.account_id, arguments),
        tags=requested.tags,
        transitive_tags=requested.transitive,
        source_identity=requested.source_identity,
    )
    return {
        "Credentials": session.credentials(),
        "AssumedRoleUser": {"AssumedRoleId": session.user_id, "Arn": session.arn},
        "PackedPolicySize": 0,
        "SourceIdentity": session.source_identity,
    }


def _session_request(arguments: Mapping[str, Any], caller: Caller) -> _SessionRequest:
    requested_tags = {tag["Key"]: tag["Value"] for tag in arguments.get("Tags", [])}
    own = frozenset(arguments.get("TransitiveTagKeys", ()))
    check_tags(
        [(tag["Key"], tag["Value"]) for tag in arguments.get("Tags", [])],
        own,
        "InvalidParameterValue",
    )
    identity = arguments.get("SourceIdentity")
    session = caller.session
    if session is None:
        return _SessionRequest(requested_tags, requested_tags, own, identity)
    transitive = {key.lower() for key in session.transitive_tags}
    handed_down = {k: v for k, v in session.tags.items() if k.lower() in transitive}
    if {key.lower() for key in handed_down} & {key.lower() for key in requested_tags}:
        raise AwsError(
            "InvalidParameterValue", "One of the specified transitive tag keys can't be set"
        )
    if session.source_identity and identity not in (None, session.source_identity):
        raise AwsError("AccessDenied", "SourceIdentity cannot be changed in a role chain", 403)
    source_identity = identity or session.source_identity
    return _SessionRequest(
        requested_tags, handed_down | requested_tags, session.transitive_tags | own, source_identity
    )


def _check_allowed(
    cloud: Cloud, call: ApiRequest, caller: Caller, role: Role | None, requested: _SessionRequest
) -> None:
    context = request_context(cloud, call, caller)
    if requested.source_identity:
        context["sts:SourceIdentity"] = requested.source_identity
    needed = ["sts:AssumeRole"]
    needed += ["sts:TagSession"] if requested.tags else []
    needed += ["sts:SetSourceIdentity"] if requested.source_identity else []
    for action in needed:
        owner = role.account_id if role else None
        arn = call.arguments["RoleArn"]
        request = Request(action, arn, caller.principal, context, owner)
        if role is None:
            raise denial(call.protocol, caller, request, decide(cloud, caller, request))
        trust = Policy.parse(role.assume_role_policy_document, name="trust policy")
        decision = decide(cloud, caller, request, (trust,))
        if not decision.allowed or not evaluate_trust(request, trust).allowed:
            raise denial(call.protocol, caller, request, decision)


def _too_long(*, chained: bool) -> str:
    if chained:
        return (
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
            "role chaining"
        )
    return "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
