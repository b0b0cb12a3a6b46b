"""May this caller make this call? Gathers the policies and asks the evaluator."""

from collections.abc import Iterable, Iterator

from moto.iam.models import Group, IAMBackend, ManagedPolicy, Role, User

from okta_aws_federation.iam.evaluator import (
    NEEDS_NO_PERMISSION,
    Decision,
    Policy,
    Request,
    evaluate,
)
from sandbox.aws.api_request import ApiRequest
from sandbox.aws.caller import Caller
from sandbox.aws.cloud import Cloud
from sandbox.aws.context import request_context
from sandbox.aws.errors import AuthFailure, AwsError, Protocol, auth_error
from sandbox.aws.resources import iam_action, request_resources


def authorize(cloud: Cloud, call: ApiRequest, caller: Caller) -> None:
    """Refuse the call unless the caller's policies allow it on each resource it touches."""
    action = iam_action(call)
    # A role's trust policy has its say too, so the handler of AssumeRole decides.
    if action.lower() in NEEDS_NO_PERMISSION or action == "sts:AssumeRole":
        return
    context = request_context(cloud, call, caller)
    for resource in request_resources(cloud, call, caller):
        request = Request(action, resource, caller.principal, context, caller.account)
        decision = decide(cloud, caller, request)
        if not decision.allowed:
            raise denial(call.protocol, caller, request, decision)


def decide(
    cloud: Cloud, caller: Caller, request: Request, resource_policies: tuple[Policy, ...] = ()
) -> Decision:
    """The evaluator's answer with everything that is attached to the caller."""
    return evaluate(
        request,
        identity=identity_policies(cloud, caller),
        boundary=_boundary(cloud, caller),
        session=caller.session.policies if caller.session else None,
        resource=resource_policies,
    )


def denial(protocol: Protocol, caller: Caller, request: Request, decision: Decision) -> AwsError:
    """The error for a denied request, in the words of AWS."""
    what = f"User: {caller.arn} is not authorized to perform: {request.action}"
    if request.resource != "*":
        what += f" on resource: {request.resource}"
    layers = {
        "identity": "identity-based policy",
        "boundary": "permissions boundary",
        "session": "session policy",
        "resource": "resource-based policy",
        "trust": "resource-based policy",
    }
    layer = layers[decision.layer]
    if decision.effect == "explicitDeny":
        article = "an" if layer.startswith("i") else "a"
        what += f" with an explicit deny in {article} {layer}"
    else:
        what += f" because no {layer} allows the {request.action} action"
    if protocol is Protocol.EC2:
        what = f"You are not authorized to perform this operation. {what}"
    return auth_error(protocol, AuthFailure.DENIED, what)


def identity_policies(cloud: Cloud, caller: Caller) -> tuple[Policy, ...]:
    """Inline and attached policies of a user and its groups, or of a session's role."""
    iam = cloud.iam(caller.account)
    if caller.user is not None:
        groups = [group for group in iam.groups.values() if caller.user in group.users]
        return tuple(policies_of(caller.user, *groups))
    role = _current_role(cloud, caller)
    return tuple(policies_of(role)) if role else ()


def _current_role(cloud: Cloud, caller: Caller) -> Role | None:
    """A session's role; a role made anew under the old name is another role."""
    role = cloud.role(caller.session.role_arn) if caller.session else None
    return role if role is not None and caller.user_id.startswith(f"{role.id}:") else None


def _boundary(cloud: Cloud, caller: Caller) -> tuple[Policy, ...] | None:
    entity = caller.user if caller.user is not None else _current_role(cloud, caller)
    arn = getattr(entity, "permissions_boundary_arn", None)
    return boundary_policies(cloud.iam(caller.account), arn)


def boundary_policies(iam: IAMBackend, arn: str | None) -> tuple[Policy, ...] | None:
    """The policy that is the boundary; a boundary that was deleted allows nothing."""
    if not arn:
        return None
    policy = iam.managed_policies.get(arn)
    return (managed_policy(policy),) if policy else ()


def managed_policy(policy: ManagedPolicy) -> Policy:
    """The default version of a managed policy."""
    document = next(version.document for version in policy.versions if version.is_default)
    return Policy.parse(document, name=policy.name)


def policies_of(*entities: Role | User | Group) -> Iterator[Policy]:
    """Inline and attached policies of users, groups or roles."""
    for entity in entities:
        inline: Iterable[tuple[str, str]] = entity.policies.items()
        for name, document in inline:
            yield Policy.parse(document, name=name)
        for policy in entity.managed_policies.values():
            yield managed_policy(policy)
