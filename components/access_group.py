"""An Okta group, who is in it, and what of the app its members get."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pulumi import ComponentResource, Input, Output, ResourceOptions
from pulumi_okta import UserGroupMemberships
from pulumi_okta.app import GroupAssignment
from pulumi_okta.group import Group, Rule

from okta_aws_federation.okta_app import group_rule_name
from okta_aws_federation.resource_names import child_name

from .errors import InvalidArgs
from .federated_role import FederatedRole
from .names import revocable_options


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """What a group's assignment to the app gives its members. Raises InvalidArgs."""

    app_id: Input[str]
    """The app that members get."""

    priority: int
    """Which group decides for a person of several: the lowest number wins. Unique in the app."""

    priority_matters: bool = True
    """Whether the number is enforced; if not, the group keeps the one it was assigned with."""

    roles: Sequence[Input[str] | FederatedRole] | None
    """The AWS roles that members choose from, by name or as components; the assignment waits for
    components. None in mode group-mapping: Okta derives the roles from group names."""

    def __post_init__(self) -> None:
        if self.roles is not None and not self.roles:
            raise InvalidArgs("roles must name a role, not none")
        # Zero can't be told from "no priority" by the Okta provider, so it is never sent.
        if self.priority < 1:
            raise InvalidArgs(f"priority must be 1 or more, not {self.priority}")

    @property
    def profile(self) -> Output[str] | None:
        """The assignment's profile, JSON. Okta answers with `role` too, so leaving it out would
        drift."""
        if self.roles is None:
            return None
        names = [each.role_name if isinstance(each, FederatedRole) else each for each in self.roles]
        return Output.all(*names).apply(
            lambda known: json.dumps({"role": None, "samlRoles": sorted(known)})
        )


@dataclass(frozen=True, kw_only=True)
class AccessGroupArgs:
    """A group, its members, and its assignment. Raises InvalidArgs."""

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
    """A group with memberships, a rule, and its assignments to the apps.

    Its options take an `okta` provider.
    """

    group_id: Output[str]
    """Okta's id of the group."""

    def __init__(
        self, name: str, args: AccessGroupArgs, opts: ResourceOptions | None = None
    ) -> None:
        super().__init__("okta-aws-federation:index:AccessGroup", name, None, opts)
        # Taking access away is never refused, however protected the rest is.
        revocable = ResourceOptions(parent=self, protect=False)

        if args.existing_id is None:
            group = Group(
                f"{name}-group",
                name=args.group_name,
                description=args.description,
                opts=ResourceOptions(parent=self),
            )
            self.group_id = group.id
        else:
            self.group_id = Output.from_input(args.existing_id)
        if args.assignment is not None:
            self.assign(args.assignment)
        if args.command_line_app is not None:
            self.assign_command_line(args.command_line_app)
        for login, user_id in args.members.items():
            UserGroupMemberships(
                child_name(name, login),
                user_id=user_id,
                groups=[self.group_id],
                opts=revocable_options(self, name, login),
            )
        self.rule: Rule | None = None  # for what has to wait until it is there
        if args.rule is not None:
            self.rule = Rule(
                f"{name}-rule",
                name=group_rule_name(args.group_name),
                group_assignments=[self.group_id],
                expression_value=args.rule,
                # The people whom the rule put into the group leave with it.
                remove_assigned_users=True,
                opts=revocable,
            )
        self.register_outputs({"groupId": self.group_id})

    def assign(self, assignment: Assignment) -> GroupAssignment:
        """Assign the group to the app of AWS: for a program that makes the app after the group."""
        name, roles = self._name, assignment.roles or ()
        return GroupAssignment(
            f"{name}-assignment",
            app_id=assignment.app_id,
            group_id=self.group_id,
            priority=assignment.priority,
            profile=assignment.profile,
            opts=ResourceOptions(
                parent=self,
                protect=False,
                # If Okta does not know a role yet and refuses, it is there for the next try.
                depends_on=[each for each in roles if isinstance(each, FederatedRole)],
                ignore_changes=None if assignment.priority_matters else ["priority"],
            ),
        )

    def assign_command_line(self, app_id: Input[str]) -> None:
        """Assign the group to the native app of okta-aws-cli."""
        name = self._name
        GroupAssignment(
            f"{name}-command-line",
            app_id=app_id,
            group_id=self.group_id,
            opts=ResourceOptions(parent=self, protect=False),
        )
