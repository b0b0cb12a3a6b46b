"""Users, groups and roles of IAM: checks before moto stores them, and corrections of moto.

Source: IAM API Reference, the actions by name; DeleteConflict of DeleteUser, DeleteGroup and
DeletePolicy.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from moto.iam.models import Group, IAMBackend, ManagedPolicy, Role, User

from sandbox.aws import quotas
from sandbox.aws.api_request import ApiRequest
from sandbox.aws.caller import Caller
from sandbox.aws.cloud import Cloud, entity_of
from sandbox.aws.errors import AwsError
from sandbox.aws.policy_documents import check_identity_policy, check_trust_policy

Check = Callable[[Cloud, ApiRequest, Caller], None]


def _check_new(cloud: Cloud, call: ApiRequest, caller: Caller) -> None:
    parameters, action = call.parameters, call.action or ""
    iam = cloud.iam(caller.account)
    if "AssumeRolePolicyDocument" in parameters:
        _check_trust(cloud, call, caller)
    if "PolicyDocument" in parameters:
        _check_managed(cloud, call, caller)
    _check_boundary(cloud, call, caller)
    quotas.check_tags((), call.arguments.get("Tags", []))
    kind = action.removeprefix("Create")
    _check_name_is_free(iam, kind, parameters[f"{kind}Name"])
    quotas.check_count(iam, kind)


def _check_trust(cloud: Cloud, call: ApiRequest, caller: Caller) -> None:
    parameters = call.parameters
    document = parameters.get("AssumeRolePolicyDocument", parameters.get("PolicyDocument", ""))
    quotas.check_trust_size(document)
    check_trust_policy(cloud, caller.account, document)


def _check_managed(cloud: Cloud, call: ApiRequest, caller: Caller) -> None:
    document = call.parameters["PolicyDocument"]
    quotas.check_managed_size(document)
    check_identity_policy(document)


def _check_inline(cloud: Cloud, call: ApiRequest, caller: Caller) -> None:
    parameters = call.parameters
    check_identity_policy(parameters["PolicyDocument"])
    entity = entity_of(cloud.iam(caller.account), parameters)
    if entity is not None:
        quotas.check_inline_size(entity, parameters["PolicyName"], parameters["PolicyDocument"])


def _check_attachment(cloud: Cloud, call: ApiRequest, caller: Caller) -> None:
    entity = entity_of(cloud.iam(caller.account), call.parameters)
    if entity is not None:
        quotas.check_attachment(entity, call.parameters["PolicyArn"])


def _check_membership(cloud: Cloud, call: ApiRequest, caller: Caller) -> None:
    iam, parameters = cloud.iam(caller.account), call.parameters
    user = iam.users.get(parameters["UserName"])
    if user is not None:
        quotas.check_membership(iam, user, parameters["GroupName"])


def _check_boundary(cloud: Cloud, call: ApiRequest, caller: Caller) -> None:
    """A boundary is a policy that exists."""
    arn = call.parameters.get("PermissionsBoundary")
    if arn is not None and arn not in cloud.iam(caller.account).managed_policies:
        raise AwsError(
            "NoSuchEntity", f"Scope ARN: {arn} does not exist or is not attachable.", 404
        )


def _check_tags(cloud: Cloud, call: ApiRequest, caller: Caller) -> None:
    iam, parameters = cloud.iam(caller.account), call.parameters
    entity = entity_of(iam, parameters)
    policy = iam.managed_policies.get(parameters.get("PolicyArn", ""))
    existing: Iterable[str] = policy.tags if policy else ()
    if isinstance(entity, Role):
        existing = [tag["Key"] for tag in entity.tags]
    elif isinstance(entity, User):
        existing = [tag["Key"] for tag in iam.tagger.list_tags_for_resource(entity.arn)["Tags"]]
    quotas.check_tags(existing, call.arguments.get("Tags", []))


def _check_deletion(cloud: Cloud, call: ApiRequest, caller: Caller) -> None:
    """What hangs on it has to go first; moto deletes it nevertheless. Raises DeleteConflict."""
    iam, parameters = cloud.iam(caller.account), call.parameters
    policy = iam.managed_policies.get(parameters.get("PolicyArn", ""))
    entity: ManagedPolicy | Role | User | Group | None = policy or entity_of(iam, parameters)
    obstacles: dict[str, object] = {}
    if isinstance(entity, ManagedPolicy):
        holders: tuple[Role | User | Group, ...] = (
            *iam.roles.values(),
            *iam.users.values(),
            *iam.groups.values(),
        )
        obstacles = {
            "Cannot delete a policy attached to entities.": any(
                entity.arn in holder.managed_policies for holder in holders
            ),
            "This policy has more than one version. Before you delete a policy, you must delete "
            "the policy's versions. The default version is deleted with the policy.": (
                len(entity.versions) > 1
            ),
        }
    elif isinstance(entity, User):
        obstacles = {
            "Cannot delete entity, must delete access keys first.": entity.access_keys,
            "Cannot delete entity, must remove users from group first.": any(
                entity in group.users for group in iam.groups.values()
            ),
            "Cannot delete entity, must delete login profile first.": entity.password is not None,
        }
    elif isinstance(entity, Group):
        obstacles = {
            "Cannot delete entity, must remove users from group first.": entity.users,
            "Cannot delete entity, must detach all policies first.": entity.managed_policies,
            "Cannot delete entity, must delete policies first.": entity.policies,
        }
    for message, present in obstacles.items():
        if present:
            raise AwsError("DeleteConflict", message, 409)


def _check_has_user(cloud: Cloud, call: ApiRequest, caller: Caller) -> None:
    """Without a name these mean the caller; a session of a role has no user to mean."""
    if caller.user is None and "UserName" not in call.parameters:
        raise AwsError(
            "ValidationError", "Must specify userName when calling with non-User credentials"
        )


_CHECKED: Mapping[Check, tuple[str, ...]] = {
    _check_new: ("CreateRole", "CreateUser", "CreateGroup", "CreatePolicy"),
    _check_managed: ("CreatePolicyVersion",),
    _check_inline: ("PutRolePolicy", "PutUserPolicy", "PutGroupPolicy"),
    _check_boundary: ("PutRolePermissionsBoundary", "PutUserPermissionsBoundary"),
    _check_attachment: ("AttachRolePolicy", "AttachUserPolicy", "AttachGroupPolicy"),
    _check_membership: ("AddUserToGroup",),
    _check_tags: ("TagRole", "TagUser", "TagPolicy"),
    _check_deletion: ("DeleteUser", "DeleteGroup", "DeletePolicy"),
    _check_has_user: (
        "GetUser",
        "CreateAccessKey",
        "ListAccessKeys",
        "UpdateAccessKey",
        "DeleteAccessKey",
    ),
}
CHECKS = {action: check for check, actions in _CHECKED.items() for action in actions}
"""Action -> what AWS refuses before it is done, and moto does not."""


def update_trust(cloud: Cloud, call: ApiRequest, caller: Caller) -> dict[str, object]:
    """moto would refuse `sts:*`, and take what names principals that are not there."""
    _check_trust(cloud, call, caller)
    role = _role(cloud, call, caller)
    role.assume_role_policy_document = call.parameters["PolicyDocument"]
    return {}


def update_role(cloud: Cloud, call: ApiRequest, caller: Caller) -> dict[str, object]:
    """What is not named stays as it is."""
    role, arguments = _role(cloud, call, caller), call.arguments
    if "Description" in arguments:
        role.description = arguments["Description"]
    if "MaxSessionDuration" in arguments:
        role.max_session_duration = arguments["MaxSessionDuration"]
    return {}


def _check_name_is_free(iam: IAMBackend, kind: str, name: str) -> None:
    """Names are one whatever their case. Raises AwsError EntityAlreadyExists."""
    stores: Mapping[str, Callable[[], Iterable[Any]]] = {
        "Role": iam.roles.values,
        "User": iam.users.values,
        "Group": iam.groups.values,
        "Policy": lambda: quotas.customer_policies(iam),
    }
    if any(one.name.lower() == name.lower() for one in stores[kind]()):
        raise AwsError("EntityAlreadyExists", f"{kind} with name {name} already exists.", 409)


def _role(cloud: Cloud, call: ApiRequest, caller: Caller) -> Role:
    role = entity_of(cloud.iam(caller.account), call.parameters)
    if not isinstance(role, Role):
        name = call.parameters["RoleName"]
        raise AwsError("NoSuchEntity", f"The role with name {name} cannot be found.", 404)
    return role
