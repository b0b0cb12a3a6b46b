"""An Okta group whose members enter AWS in the roles that its assignment to the app names."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pulumi import ComponentResource, Input, InvokeOutputOptions, Output, ResourceOptions
from pulumi_okta import UserGroupMemberships
from pulumi_okta.app import GroupAssignment
from pulumi_okta.group import Group
from pulumi_okta.user import get_user_output


@dataclass(frozen=True, kw_only=True)
class AccessGroupArgs:
    group_name: str
    """The group's name in Okta."""

    description: str = ""
    """What the group is for, as Okta's administrators see it."""

    roles: Sequence[str]
    """Names of the AWS roles that members may choose from."""

    assigned_to: Input[str] | None
    """The app's id; None while Okta can't know the roles yet: its API integration is pending."""

    priority: int
    """Which group decides for a person of several: the lowest number wins. Unique in the app."""

    members: Mapping[str, Input[str]] = field(default_factory=dict)
    """Login -> Okta user id. The logins become child names, so they are plain."""

    def __post_init__(self) -> None:
        if not self.roles:
            raise ValueError(f"roles of {self.group_name} must name a role, not none")
        # Zero can't be told from "no priority" by the Okta provider, so it is never sent.
        if self.priority < 1:
            raise ValueError(
                f"priority of {self.group_name} must be 1 or more, not {self.priority}"
            )


class AccessGroup(ComponentResource):
    group_id: Output[str]
    """Okta's id of the group."""

    def __init__(
        self, name: str, args: AccessGroupArgs, opts: ResourceOptions | None = None
    ) -> None:
        super().__init__("okta-aws-federation:index:AccessGroup", name, None, opts)
        child = ResourceOptions(parent=self)

        group = Group(
            f"{name}-group", name=args.group_name, description=args.description, opts=child
        )
        if args.assigned_to is not None:
            GroupAssignment(
                f"{name}-assignment",
                app_id=args.assigned_to,
                group_id=group.id,
                priority=args.priority,
                profile=assignment_profile(args.roles),
                opts=child,
            )
        for login, user_id in args.members.items():
            UserGroupMemberships(f"{name}-{login}", user_id=user_id, groups=[group.id], opts=child)

        self.group_id = group.id
        self.register_outputs({"groupId": self.group_id})


def assignment_profile(roles: Sequence[str]) -> str:
    """The assignment's profile. Okta answers with `role` too, so leaving it out would drift."""
    return json.dumps({"role": None, "samlRoles": sorted(roles)})


def person(login: str, opts: InvokeOutputOptions) -> Output[str]:
    """The Okta user id behind a login, of somebody who is in the org already."""
    user_id: Output[str] = get_user_output(
        searches=[{"name": "profile.login", "value": login}],
        skip_groups=True,
        skip_roles=True,
        opts=opts,
    ).id
    return user_id
