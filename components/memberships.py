"""Who is in which Okta groups: one resource for each person, with all groups of that person.

One for each group (`GroupMemberships`) would be fewer still, but its update in provider 6.12 drops
the errors of a refused removal, so the person would stay in the group and nobody would know. The
published `UserGroupMemberships` adds and removes what changed, reports every error, and leaves the
person's other groups alone.
"""

from collections.abc import Mapping

from pulumi import Alias, Input, ResourceOptions
from pulumi_okta import UserGroupMemberships

from okta_aws_federation.resource_names import child_name, former_child_name

from .access_group import AccessGroup


def user_memberships(
    login: str,
    user_id: Input[str],
    groups: Mapping[str, AccessGroup],
    opts: ResourceOptions | None = None,
) -> UserGroupMemberships:
    """The person's membership in `groups` (by name), and in no other of them.

    Taking access away is never refused, however protected the rest is.
    """
    return UserGroupMemberships(
        login.lower(),
        user_id=user_id,
        groups=[groups[name].group_id for name in sorted(groups)],
        opts=ResourceOptions.merge(opts, ResourceOptions(protect=False)),
    )


def retain_former_memberships(
    login: str, user_id: Input[str], groups: Mapping[str, AccessGroup]
) -> None:
    """The resources of earlier releases, one for each group of the person, for one last update.

    The engine deletes what a program no longer registers, after everything else: the person would
    leave groups that `user_memberships` has just put them into. With `retain_on_delete` in the
    state, the update after this one forgets them without a request.
    """
    for name, group in groups.items():
        UserGroupMemberships(
            child_name(name, login),
            user_id=user_id,
            groups=[group.group_id],
            opts=ResourceOptions(
                parent=group,
                protect=False,
                retain_on_delete=True,
                aliases=[Alias(name=former_child_name(name, login))],
            ),
        )
