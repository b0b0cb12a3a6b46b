"""The two modes: what each does not read, and names that Okta must read back."""

from collections.abc import Iterator

from okta_aws_federation.group_names import parse_group_name
from settings.app import App
from settings.errors import ConfigError
from settings.sections import Provisioning
from settings.stack import Settings


def no_user_for_group_mapping(stack: Settings) -> Iterator[ConfigError]:
    """Mode group-mapping: Okta reads roles from names of groups, without a key."""
    if stack.uses_group_mapping and stack.provisioning != Provisioning():
        yield ConfigError(
            "provisioning", "is set, but mode group-mapping needs neither user nor key", "remove it"
        )


def settings_of_the_mode(stack: Settings) -> Iterator[ConfigError]:
    """Settings of the app that the other mode alone reads."""
    others = (
        ("join_all_roles", "combine_roles")
        if stack.uses_group_mapping
        else ("app_filter", "group_filter", "group_name")
    )
    for field in others:
        if getattr(stack.app, field) != getattr(App(), field):
            alias = str(App.model_fields[field].alias)
            yield ConfigError(f"app.{alias}", f"is not read in mode {stack.mode}", "remove it")
    for name, group in stack.groups.items() if not stack.uses_group_mapping else ():
        if group.accounts:
            key, rule = f"groups.{name}.accounts", f"is not read in mode {stack.mode}"
            yield ConfigError(key, rule, "remove it")


def one_path(stack: Settings) -> Iterator[ConfigError]:
    """Mode group-mapping: Okta composes every ARN with one path (`roleValuePattern`)."""
    paths = sorted({role.path for role in stack.roles.values()})
    if stack.uses_group_mapping and len(paths) > 1:
        yield ConfigError(
            "roles",
            f"have paths {' and '.join(paths)}, but a group's name holds none",
            "give every role the same path",
        )


def names_are_read_back(stack: Settings) -> Iterator[ConfigError]:
    """Okta must find in each generated name the account and the role that it was made of."""
    for name, group in stack.role_groups.items():
        if len(name) > 255:
            rule = f"makes a group's name of {len(name)} characters for role {group.role}, and "
            rule += "Okta takes 255"
            yield ConfigError("app.groupName", rule, "shorten it", stack.app.group_name)
        read = parse_group_name(stack.app.group_filter, name)
        if read != (stack.accounts[group.account].id, group.role):
            seen = f"account {read[0]} and role {read[1]}" if read else "no account and role"
            yield ConfigError(
                "app.groupFilter",
                f"reads {seen} from the name {name!r}, which stands for role {group.role} in "
                f"account {stack.accounts[group.account].id}",
                "make groupFilter and groupName agree",
                stack.app.group_filter,
            )


def other_names_are_not(stack: Settings) -> Iterator[ConfigError]:
    """A group that Okta would take for a role group gives a role that nobody meant, unless it is in
    Okta already and stands for just what its section says."""
    existing = stack.existing_role_groups
    for name, group in stack.groups.items() if stack.uses_group_mapping else ():
        read = parse_group_name(stack.app.group_filter, name)
        if not read:
            continue
        opens = f"would open role {read[1]} of account {read[0]} by its name alone"
        if name not in existing:
            fix = "rename the group" if group.is_managed else "add the account, or take it out"
            yield ConfigError(f"groups.{name}", opens, fix)
            continue
        account, role = existing[name]
        if [*group.roles] != [role]:
            yield ConfigError(
                f"groups.{name}.roles", opens, f"write roles: [{role}]", ", ".join(group.roles)
            )
        elif group.accounts not in ((), (account,)) or existing[name] not in {
            *stack.account_roles.values()
        }:
            fix = f"add {account} to the accounts of the role, and name no other for the group"
            yield ConfigError(f"groups.{name}.accounts", opens, fix)


def sources_are_read(stack: Settings) -> Iterator[ConfigError]:
    """Groups that this stack makes are Okta's own."""
    if stack.role_groups and "okta" not in stack.app.group_sources:
        name = min(stack.role_groups)
        rule = f"passes over the groups that this stack makes, such as {name}"
        yield ConfigError("app.appFilter", rule, "add okta to it", stack.app.app_filter)


def directories_choose_members(stack: Settings) -> Iterator[ConfigError]:
    """Okta refuses to put anybody into a group that a directory masters, by name or by rule."""
    for name in stack.existing_role_groups if "okta" not in stack.app.group_sources else ():
        group = stack.groups[name]
        if group.members or group.temporary or group.rule:
            rule = f"names people of a group of {stack.app.app_filter}, who are chosen there"
            fix = "take members, temporary and rule out, or add okta to app.appFilter"
            yield ConfigError(f"groups.{name}", rule, fix)


def generated_names_are_free(stack: Settings) -> Iterator[ConfigError]:
    """A role's own group is made for people of other groups, unless Okta has it already."""
    generated = stack.role_groups
    for name in sorted(stack.existing_role_groups.keys() & generated.keys()):
        for source in generated[name].source_groups:
            yield ConfigError(
                f"groups.{source}.roles",
                f"gives its people {generated[name].role} through {name}, which is in Okta already",
                f"put them into {name} itself, or take the role out",
            )
