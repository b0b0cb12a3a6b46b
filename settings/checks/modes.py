"""The two modes: what each does not read, and names that Okta must read back."""

from collections.abc import Iterator

from okta_aws_federation.group_names import parse_group_name
from settings.app import App
from settings.errors import ConfigError
from settings.sections import Provisioning
from settings.stack import Settings


def no_user_for_group_mapping(stack: Settings) -> Iterator[ConfigError]:
    if stack.uses_group_mapping and stack.provisioning != Provisioning():
        yield ConfigError(
            "provisioning", "is set, but mode group-mapping needs neither user nor key", "remove it"
        )


def settings_of_the_mode(stack: Settings) -> Iterator[ConfigError]:
    others = (
        ("join_all_roles", "combine_roles")
        if stack.uses_group_mapping
        else ("group_filter", "group_name")
    )
    for field in others:
        if getattr(stack.app, field) != getattr(App(), field):
            alias = str(App.model_fields[field].alias)
            yield ConfigError(f"app.{alias}", f"is not read in mode {stack.mode}", "remove it")


def one_path(stack: Settings) -> Iterator[ConfigError]:
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
    """A group that Okta would take for a role group gives a role that nobody meant."""
    for name in stack.groups if stack.uses_group_mapping else ():
        read = parse_group_name(stack.app.group_filter, name)
        if read:
            rule = f"would open role {read[1]} of account {read[0]} by its name alone"
            yield ConfigError(f"groups.{name}", rule, "rename the group")


CHECKS = (
    no_user_for_group_mapping,
    settings_of_the_mode,
    one_path,
    names_are_read_back,
    other_names_are_not,
)
