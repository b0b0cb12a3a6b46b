"""What cannot be deleted while something hangs on it, where moto deletes it nevertheless.

Source: IAM API Reference, DeleteConflict of DeleteUser, DeleteGroup and DeletePolicy.
"""

from moto.iam.models import Group, IAMBackend, ManagedPolicy, Role, User

from sandbox.aws.errors import AwsError


def check_user(iam: IAMBackend, user: User) -> None:
    """DeleteUser: without keys, groups and a password. Raises AwsError DeleteConflict."""
    if user.access_keys:
        raise _conflict("Cannot delete entity, must delete access keys first.")
    if any(user in group.users for group in iam.groups.values()):
        raise _conflict("Cannot delete entity, must remove users from group first.")
    if user.password is not None:
        raise _conflict("Cannot delete entity, must delete login profile first.")


def check_group(group: Group) -> None:
    """DeleteGroup: without users and policies. Raises AwsError DeleteConflict."""
    if group.users:
        raise _conflict("Cannot delete entity, must remove users from group first.")
    if group.managed_policies:
        raise _conflict("Cannot delete entity, must detach all policies first.")
    if group.policies:
        raise _conflict("Cannot delete entity, must delete policies first.")


def check_policy(iam: IAMBackend, policy: ManagedPolicy) -> None:
    """DeletePolicy: attached to nobody, one version. Raises AwsError DeleteConflict."""
    holders: tuple[Role | User | Group, ...] = (
        *iam.roles.values(),
        *iam.users.values(),
        *iam.groups.values(),
    )
    if any(policy.arn in holder.managed_policies for holder in holders):
        raise _conflict("Cannot delete a policy attached to entities.")
    if len(policy.versions) > 1:
        raise _conflict(
            "This policy has more than one version. Before you delete a policy, you must delete "
            "the policy's versions. The default version is deleted with the policy."
        )


def _conflict(message: str) -> AwsError:
    return AwsError("DeleteConflict", message, 409)
