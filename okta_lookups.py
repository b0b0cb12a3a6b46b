"""People and groups that a stack file takes to be in Okta, looked up before anything is created."""

from collections.abc import Iterator, Sequence

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
