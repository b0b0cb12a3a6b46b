"""STS for callers with keys: who am I, and roles assumed by users and sessions.

Source: STS API Reference, GetCallerIdentity and AssumeRole.
"""

from __future__ import annotations

import re
from datetime import timedelta

from access.evaluator import Policy, Request, evaluate_trust
from sandbox.aws.authorization import decide, denial
from sandbox.aws.call import Call
from sandbox.aws.caller import Caller
from sandbox.aws.cloud import Cloud
from sandbox.aws.context import context_of
from sandbox.aws.errors import AwsError
from sandbox.aws.session_keys import new_session

_CHAINED = 3600


def get_caller_identity(cloud: Cloud, call: Call, caller: Caller) -> dict[str, object]:
    return {"UserId": caller.user_id, "Account": caller.account, "Arn": caller.arn}


def assume_role(cloud: Cloud, call: Call, caller: Caller) -> dict[str, object]:
    """Both sides must agree; within an account a trust that names the caller is enough."""
    arguments = call.arguments()
    role_arn, name = arguments.get("RoleArn", ""), arguments.get("RoleSessionName", "")
    if not re.fullmatch(r"[\w+=,.@-]{2,64}", name, re.ASCII):
        raise AwsError("ValidationError", "RoleSessionName must match [\\w+=,.@-]{2,64}")
    role = cloud.role(role_arn)
    context = context_of(cloud, call, caller) | {"sts:RoleSessionName": name}
    if "ExternalId" in arguments:
        context["sts:ExternalId"] = arguments["ExternalId"]
    owner = role.account_id if role else None
    request = Request("sts:AssumeRole", role_arn, caller.principal, context, owner)
    if role is None:
        raise denial(call.protocol, caller, request, decide(cloud, caller, request))
    trust = Policy.parse(role.assume_role_policy_document, name="trust policy")
    decision = decide(cloud, caller, request, (trust,))
    if not decision.allowed or not evaluate_trust(request, trust).allowed:
        raise denial(call.protocol, caller, request, decision)
    seconds = arguments.get("DurationSeconds", 3600)
    longest = _CHAINED if caller.session else int(role.max_session_duration or 3600)
    if not 900 <= seconds <= longest:
        raise AwsError("ValidationError", f"DurationSeconds must be 900 to {longest}")
    session = new_session(cloud, role=role, name=name, lifetime=timedelta(seconds=seconds))
    return {
        "Credentials": session.credentials(),
        "AssumedRoleUser": {"AssumedRoleId": session.user_id, "Arn": session.arn},
        "PackedPolicySize": 0,
    }
