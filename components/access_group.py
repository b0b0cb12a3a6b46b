"""An Okta group, who is in it, and what of the app its members get."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from pulumi import ComponentResource, Input, Output, ResourceOptions
from pulumi_okta import UserGroupMemberships
from pulumi_okta.app import GroupAssignment
from pulumi_okta.group import Group, Rule

from .assignment import Assignment
from .errors import InvalidArgs


@dataclass(frozen=True, kw_only=True)
class AccessGroupArgs:
    group_name: str
    """The group's name in Okta."""

    existing_id: Input[str] | None = None
    """Okta's id of the group, if it exists already; then it is neither made nor deleted here."""

    description: str = ""
    """What the group is for, as Okta's administrators see it."""

    members: Mapping[str, Input[str]] = field(default_factory=dict)
    """Login -> Okta user id. The logins become child names, so they are plain."""

    rule: str | None = None
    """Okta expression of who else is in the group."""

    assignment: Assignment | None = None
    """What members get; None while Okta can't know the roles yet, and for a group that has it all
    in its name."""

    command_line_app: Input[str] | None = None
    """Id of the native app for okta-aws-cli, if members sign in with that too."""

    def __post_init__(self) -> None:
        if self.existing_id is not None and self.description:
            raise InvalidArgs(f"description of {self.group_name} must be empty: the group exists")


class AccessGroup(ComponentResource):
    group_id: Output[str]
    """Okta's id of the group."""

    def __init__(
        self, name: str, args: AccessGroupArgs, opts: ResourceOptions | None = None
    ) -> None:
        super().__init__("okta-aws-federation:index:AccessGroup", name, None, opts)
        child = ResourceOptions(parent=self)
        # Taking access away is never refused, however protected the rest is.
        revocable = ResourceOptions(parent=self, protect=False)

        if args.existing_id is None:
            group = Group(
                f"{name}-group", name=args.group_name, description=args.description, opts=child
            )
            self.group_id = group.id
        else:
            self.group_id = Output.from_input(args.existing_id)
        assign(name, self.group_id, args, revocable)
        for login, user_id in args.members.items():
            UserGroupMemberships(
                f"{name}-{login}", user_id=user_id, groups=[self.group_id], opts=revocable
            )
        if args.rule is not None:
            Rule(
                f"{name}-rule",
                name=rule_name(args.group_name),
                group_assignments=[self.group_id],
                expression_value=args.rule,
                # With the rule goes what it gave; else people would keep their way in.
                remove_assigned_users=True,
                opts=revocable,
            )
        self.register_outputs({"groupId": self.group_id})


def assign(
    name: str, group_id: Output[str], args: AccessGroupArgs, revocable: ResourceOptions
) -> None:
    if args.assignment is not None:
        GroupAssignment(
            f"{name}-assignment",
            app_id=args.assignment.app_id,
            group_id=group_id,
            priority=args.assignment.priority,
            profile=args.assignment.profile,
            opts=ResourceOptions(
                parent=revocable.parent,
                protect=False,
                depends_on=list(args.assignment.after),
                ignore_changes=None if args.assignment.priority_matters else ["priority"],
            ),
        )
    if args.command_line_app is not None:
        GroupAssignment(
            f"{name}-command-line",
            app_id=args.command_line_app,
            group_id=group_id,
            opts=revocable,
        )


def rule_name(group_name: str) -> str:
    """Okta's rules have names of at most 50 characters, each its own."""
    if len(group_name) <= 50:
        return group_name
    return f"{group_name[:37]}~{hashlib.sha256(group_name.encode()).hexdigest()[:12]}"
