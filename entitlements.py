"""Who gets which roles in Okta: people and groups that are there already, looked up before anything
is created; memberships and assignments."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_okta as okta

import components
from settings import Settings
from settings.errors import PROJECT, ConfigError, format_error


def look_up(
    stack: Settings, provider: okta.Provider | None
) -> tuple[dict[str, str], dict[str, components.ExistingGroup]]:
    """Login -> Okta user id, and name -> group: both look-ups below. Raises RunError."""
    opts = pulumi.InvokeOptions(provider=provider)
    return look_up_user_ids(stack, opts), look_up_groups(stack, opts)


def look_up_user_ids(stack: Settings, invoke_opts: pulumi.InvokeOptions) -> dict[str, str]:
    """Login -> Okta user id, of the people who exist. Raises RunError that names all whom Okta does
    not know, with the group that each is in."""
    logins = [login for login in stack.memberships if login not in stack.people]
    ids = components.find_user_ids(logins, invoke_opts)
    unknown = sorted(
        f"{PROJECT}:groups.{stack.memberships[login][0]}.members = {login!r}"
        for login in logins
        if login not in ids
    )
    if unknown:
        raise pulumi.RunError(
            f"{', '.join(unknown)}: not in Okta; correct the login, or add the person under people"
        )
    return ids


def look_up_groups(
    stack: Settings, invoke_opts: pulumi.InvokeOptions
) -> dict[str, components.ExistingGroup]:
    """Name -> the group, of those that are to be in Okta already.

    Raises RunError with a line for each that is not there, that is there twice, or whose people the
    stack file can't change.
    """
    by_name = components.find_groups(stack.groups_to_look_up, invoke_opts)
    with_id = {name: group.id for name, group in stack.groups.items() if group.id}
    by_id = components.find_groups_by_id(with_id.values(), invoke_opts)
    found = by_name | {name: (by_id[i],) if i in by_id else () for name, i in with_id.items()}
    if errors := [error for name in sorted(found) for error in refusals(stack, name, found[name])]:
        raise pulumi.RunError("\n".join(map(format_error, errors)))
    return {name: groups[0] for name, groups in found.items()}


def refusals(
    stack: Settings, name: str, found: Sequence[components.ExistingGroup]
) -> Iterator[ConfigError]:
    """Why a group that is to be in Okta can't be used as the stack file has it."""
    key, group = f"groups.{name}", stack.groups[name]
    if not found:
        fix = (
            "correct the id" if group.id else "correct the name, or take existing out to create it"
        )
        yield ConfigError(key, "not in Okta", fix, group.id)
        return
    if len(found) > 1:
        each = ", ".join(sorted(f"{one.id} ({one.type})" for one in found))
        yield ConfigError(key, f"is the name of {len(found)} groups in Okta: {each}", "add id")
        return
    sources, own = stack.app.group_sources, found[0].type == "OKTA_GROUP"
    # Which source an APP_GROUP has is not in Okta's answer; that it is not Okta is.
    passed_over = "okta" not in sources if own else sources == {"okta"}
    if name in stack.existing_role_groups and passed_over:
        yield ConfigError(
            "app.appFilter",
            f"passes over {name}, a group of type {found[0].type}, so it opens no role",
            "add okta to it" if own else "add the group's source to it, such as active_directory",
            stack.app.app_filter,
        )
    filling = {"members": group.members, "temporary": group.temporary, "rule": group.rule}
    for field, value in filling.items():
        if value and not found[0].takes_members:
            yield ConfigError(
                f"{key}.{field}",
                f"the group is of type {found[0].type}, whose people Okta lets nobody change",
                f"take {field} out and have the directory put people into the group, or make a "
                "group of its own",
            )


@dataclass(frozen=True, kw_only=True)
class Entitlements:
    """What Okta reads people's roles from: the assignments of the groups, and the memberships.

    When the stack changes its mode, what the new mode reads is there before the app changes; else
    people would sign in without a role meanwhile. In the old mode it gives nobody anything. Mode
    `group-mapping` reads memberships and rules, and `saml-roles` assignments.
    """

    stack: Settings
    groups: Mapping[str, components.AccessGroup]
    user_ids: Mapping[str, pulumi.Input[str]]
    """Login -> Okta user id."""
    opts: pulumi.ResourceOptions
    last_outputs: Mapping[str, Any]
    """What the stack's last update exported; empty before its first."""

    @property
    def former_app_id(self) -> str | None:
        """The app's id, if the stack was deployed in the other mode."""
        had_group_mapping = "provisioningAccessKeyId" not in self.last_outputs
        changes = had_group_mapping != self.stack.uses_group_mapping
        return self.last_outputs.get("appId") if changes else None

    def before_app(self) -> list[pulumi.Resource]:
        """Create what the app has to wait for: nothing, unless the mode changes."""
        if not self.former_app_id:
            return []
        if self.stack.uses_group_mapping:
            rules = [group.rule for group in self.groups.values() if group.rule]
            return [*self._join_groups(self.opts), *rules]
        return self._assign_groups(self.former_app_id, {})

    def after_app(
        self, app: components.OktaAwsApp, roles: Mapping[str, components.FederatedRole]
    ) -> None:
        """Create all else; people leave the groups of the other mode after the app has changed."""
        changes, mapping = bool(self.former_app_id), self.stack.uses_group_mapping
        if mapping or not changes:
            self._assign_groups(app.app_id, roles)
        if not (mapping and changes):
            after = pulumi.ResourceOptions(depends_on=app if changes else None)
            self._join_groups(pulumi.ResourceOptions.merge(self.opts, after))
        if app.command_line_app_id is not None:
            for name in self.stack.groups:
                self.groups[name].assign_command_line(app.command_line_app_id)

    def _assign_groups(
        self, app_id: pulumi.Input[str], roles: Mapping[str, components.FederatedRole]
    ) -> list[pulumi.Resource]:
        """An assignment waits for those of its roles that are in `roles`. None is created while
        Okta can't know the roles."""
        stack = self.stack
        return [
            self.groups[name].assign(
                components.Assignment(
                    app_id=app_id,
                    priority=stack.priorities[name],
                    priority_matters=name in stack.prioritized_groups,
                    roles=None
                    if stack.uses_group_mapping
                    else [roles.get(role, role) for role in group.roles],
                )
            )
            for name, group in stack.groups.items()
            if stack.assignments_enabled
        ]

    def _join_groups(self, opts: pulumi.ResourceOptions) -> list[pulumi.Resource]:
        """A stack that was deployed with a resource for each membership keeps those, too."""
        outputs = self.last_outputs
        retains_former = "contractVersion" in outputs and "membershipResources" not in outputs
        memberships: list[pulumi.Resource] = []
        for login, names in self.stack.memberships.items():
            groups = {name: self.groups[name] for name in names}
            memberships.append(
                components.user_memberships(login, self.user_ids[login], groups, opts)
            )
            if retains_former:
                components.retain_former_memberships(login, self.user_ids[login], groups)
        return memberships
