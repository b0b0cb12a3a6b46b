"""IAM's policy simulator: what would be decided, without doing it.

Source: IAM API Reference, SimulatePrincipalPolicy and SimulateCustomPolicy. As the real simulator
does, it knows nothing of the request but what ContextEntries tell, and no trust policies.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from moto.iam.models import Group, IAMBackend, Role, User

from okta_aws_federation.iam.conditions import MalformedPolicy
from okta_aws_federation.iam.evaluator import Decision, Policy, Principal, Request, evaluate
from okta_aws_federation.iam.matching import ContextValue
from sandbox.aws.api_request import ApiRequest
from sandbox.aws.authorization import boundary_policies, policies_of
from sandbox.aws.caller import Caller
from sandbox.aws.cloud import Cloud, account_of
from sandbox.aws.errors import AwsError

_DECISIONS: Mapping[str, str] = {
    "allow": "allowed",
    "explicitDeny": "explicitDeny",
    "implicitDeny": "implicitDeny",
}
_PAGE = 100


@dataclass(frozen=True)
class _Subject:
    """What is simulated: policies, and whose."""

    identity: tuple[Policy, ...]
    boundary: tuple[Policy, ...] | None
    principal: Principal | None


def simulate_principal(cloud: Cloud, call: ApiRequest, caller: Caller) -> dict[str, object]:
    """A user, group or role with all its policies, and the policies of the request on top."""
    arguments = call.arguments
    arn = arguments["PolicySourceArn"]
    iam = cloud.iam(caller.account)
    entity = _entity(iam, arn)
    if entity is None:
        raise AwsError("NoSuchEntity", f"The entity {arn} cannot be found.", 404)
    groups: list[Group] = []
    if isinstance(entity, User):
        groups = [group for group in iam.groups.values() if entity in group.users]
    boundary = boundary_policies(iam, getattr(entity, "permissions_boundary_arn", None))
    principal = None if isinstance(entity, Group) else Principal.user(arn)
    policies = tuple(policies_of(entity, *groups))
    return _simulate(arguments, _Subject(policies, boundary, principal))


def simulate_custom(cloud: Cloud, call: ApiRequest, caller: Caller) -> dict[str, object]:
    """Nobody: the policies of the request, and no others."""
    arn = call.arguments.get("CallerArn")
    return _simulate(call.arguments, _Subject((), None, Principal.user(arn) if arn else None))


def _simulate(arguments: Mapping[str, Any], subject: _Subject) -> dict[str, object]:
    identity = (*subject.identity, *_parsed(arguments, "PolicyInputList"))
    subject = replace(subject, identity=identity)
    if "PermissionsBoundaryPolicyInputList" in arguments:
        boundary = _parsed(arguments, "PermissionsBoundaryPolicyInputList")
        subject = replace(subject, boundary=boundary)
    results = list(_results(arguments, subject))
    marker = arguments.get("Marker", "0")
    start = int(marker) if marker.isdigit() else 0
    end = start + arguments.get("MaxItems", _PAGE)
    more = end < len(results)
    return {
        "EvaluationResults": results[start:end],
        "IsTruncated": more,
        "Marker": str(end) if more else None,
    }


def _results(arguments: Mapping[str, Any], subject: _Subject) -> Iterator[dict[str, object]]:
    context = _context(arguments.get("ContextEntries", []))
    resource_policy = arguments.get("ResourcePolicy")
    of_resource = (_parse(resource_policy, "ResourcePolicy"),) if resource_policy else ()
    owner = account_of(arguments.get("ResourceOwner", "")) or None
    for action in arguments["ActionNames"]:
        for resource in arguments.get("ResourceArns") or ["*"]:
            request = Request(action, resource, subject.principal, context, owner)
            decision = evaluate(
                request,
                identity=subject.identity,
                boundary=subject.boundary,
                resource=of_resource,
            )
            yield _result(request, decision, subject, _missing(request, subject))


def _result(
    request: Request, decision: Decision, subject: _Subject, missing: list[str]
) -> dict[str, object]:
    within = None
    if subject.boundary is not None:
        allowed = evaluate(request, identity=subject.boundary).allowed
        within = {"AllowedByPermissionsBoundary": allowed}
    matched = []
    if decision.statement is not None:
        matched = [{"SourcePolicyId": decision.statement.policy, "SourcePolicyType": "none"}]
    return {
        "EvalActionName": request.action,
        "EvalResourceName": request.resource,
        "EvalDecision": _DECISIONS[decision.effect],
        "MatchedStatements": matched,
        "MissingContextValues": missing,
        "PermissionsBoundaryDecisionDetail": within,
    }


def _missing(request: Request, subject: _Subject) -> list[str]:
    """Condition keys that statements about the action ask for and nobody gave."""
    keys = {
        condition.key
        for policy in (*subject.identity, *(subject.boundary or ()))
        for statement in policy.statements_for(request.action)
        for condition in statement.conditions
    }
    return sorted(keys - request.folded.keys())


def _context(entries: Sequence[Mapping[str, Any]]) -> dict[str, ContextValue]:
    context: dict[str, ContextValue] = {}
    for entry in entries:
        values = tuple(entry.get("ContextKeyValues", ()))
        is_list = entry.get("ContextKeyType", "").endswith("List")
        context[entry.get("ContextKeyName", "")] = values if is_list else "".join(values[:1])
    return context


def _parsed(arguments: Mapping[str, Any], name: str) -> tuple[Policy, ...]:
    return tuple(
        _parse(text, f"{name}.{number}")
        for number, text in enumerate(arguments.get(name, []), start=1)
    )


def _parse(text: str, name: str) -> Policy:
    try:
        return Policy.parse(text, name=name)
    except MalformedPolicy as error:
        raise AwsError("InvalidInput", f"Invalid policy: {error}") from None


def _entity(iam: IAMBackend, arn: str) -> Role | User | Group | None:
    for store in (iam.roles, iam.users, iam.groups):
        for one in store.values():
            if one.arn == arn:
                entity: Role | User | Group = one
                return entity
    return None
