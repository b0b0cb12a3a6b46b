"""STS for callers with keys: who am I, and roles assumed.

Source: STS API Reference, GetCallerIdentity and AssumeRole; IAM User Guide, "Role chaining" and
"Monitor and control actions taken with assumed roles".
"""

from collections.abc import Mapping
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
from sandbox.aws.session_policies import SessionRequest, check_tags, start_session

_CHAINED = 3600


def get_caller_identity(cloud: Cloud, call: ApiRequest, caller: Caller) -> dict[str, object]:
    """GetCallerIdentity: needs no permission."""
    return {"UserId": caller.user_id, "Account": caller.account, "Arn": caller.arn}


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
    lifetime = timedelta(seconds=seconds)
    return start_session(cloud, role, requested, lifetime, arguments).assumed_role()


def _session_request(arguments: Mapping[str, Any], caller: Caller) -> SessionRequest:
    name, identity = arguments["RoleSessionName"], arguments.get("SourceIdentity")
    pairs = [(tag["Key"], tag["Value"]) for tag in arguments.get("Tags", [])]
    own, tags = frozenset(arguments.get("TransitiveTagKeys", ())), dict(pairs)
    check_tags(pairs, own, "InvalidParameterValue")
    session = caller.session
    if session is None:
        return SessionRequest(name, tags, own, identity)
    transitive = {key.lower() for key in session.transitive_tags}
    handed_down = {k: v for k, v in session.tags.items() if k.lower() in transitive}
    if {key.lower() for key in handed_down} & {key.lower() for key in tags}:
        raise AwsError(
            "InvalidParameterValue", "One of the specified transitive tag keys can't be set"
        )
    if session.source_identity and identity not in (None, session.source_identity):
        raise AwsError("AccessDenied", "SourceIdentity cannot be changed in a role chain", 403)
    return SessionRequest(
        name,
        handed_down | tags,
        session.transitive_tags | own,
        identity or session.source_identity,
    )


def _check_allowed(
    cloud: Cloud, call: ApiRequest, caller: Caller, role: Role | None, requested: SessionRequest
) -> None:
    context = request_context(cloud, call, caller)
    if requested.source_identity:
        context["sts:SourceIdentity"] = requested.source_identity
    for action in requested.actions("sts:AssumeRole"):
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
