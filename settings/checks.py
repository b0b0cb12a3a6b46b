"""What must hold between the sections of a stack file. Each check yields what does not."""

import re
from collections.abc import Callable, Iterator

from okta_aws_federation.group_names import compiled, read_back
from okta_aws_federation.partitions import partition_of
from settings.app import App
from settings.errors import ConfigError, did_you_mean
from settings.sections import Provisioning
from settings.stack import Settings

EVERYONE = "Everyone"


def one_account(stack: Settings) -> Iterator[ConfigError]:
    if not stack.uses_group_mapping and len(stack.accounts) > 1:
        yield ConfigError(
            "accounts",
            f"names {len(stack.accounts)} accounts, but Okta downloads the roles of one",
            "set mode: group-mapping, or give every other account a stack of its own",
        )


def accounts_differ(stack: Settings) -> Iterator[ConfigError]:
    names: dict[str, str] = {}
    for name, account in sorted(stack.accounts.items()):
        if account.id in names:
            key, rule = f"accounts.{name}.id", f"is also that of {names[account.id]}"
            yield ConfigError(key, rule, "keep the account once", account.id)
        names[account.id] = name


def one_partition(stack: Settings) -> Iterator[ConfigError]:
    names = sorted({account.partition.name for account in stack.accounts.values()})
    if len(names) > 1:
        yield ConfigError(
            "accounts",
            f"lie in partitions {' and '.join(names)}, but an Okta app knows one sign-in page",
            "give each partition a stack of its own",
        )


def regions_of_the_partition(stack: Settings) -> Iterator[ConfigError]:
    named = {"app.signInRegion": [stack.app.sign_in_region] if stack.app.sign_in_region else []}
    named["app.fallbackRegions"] = list(stack.app.fallback_regions)
    for key, regions in named.items():
        for region in regions:
            if partition_of(region) != stack.partition:
                rule = f"is not a region of {stack.partition.name}, where the accounts are"
                yield ConfigError(key, rule, "choose a region of that partition", region)


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


def groups_name_known_roles(stack: Settings) -> Iterator[ConfigError]:
    for name, group in stack.groups.items():
        for role in group.roles:
            if role not in stack.roles:
                near = did_you_mean(role, stack.roles)
                rule, fix = f"is not among the roles{near}", f"correct it, or add {role} to roles"
                yield ConfigError(f"groups.{name}.roles", rule, fix, role)


def expectations_name_known_groups(stack: Settings) -> Iterator[ConfigError]:
    for number, expected in enumerate(stack.expect):
        if expected.group is not None and expected.group not in stack.groups:
            rule = f"is not among the groups{did_you_mean(expected.group, stack.groups)}"
            yield ConfigError(f"expect.{number}.group", rule, "correct it", expected.group)


def known_accounts(stack: Settings) -> Iterator[ConfigError]:
    named = {f"roles.{name}": role.accounts for name, role in stack.roles.items()}
    named |= {f"groups.{name}": group.accounts for name, group in stack.groups.items()}
    for key, accounts in named.items():
        for account in accounts:
            if account not in stack.accounts:
                rule = f"is not among the accounts{did_you_mean(account, stack.accounts)}"
                yield ConfigError(f"{key}.accounts", rule, "correct it", account)


def every_role_has_a_place(stack: Settings) -> Iterator[ConfigError]:
    """A group that names a role and an account must find the role there."""
    for name, group in stack.groups.items():
        for role in group.roles:
            has = stack.accounts_of(role) if role in stack.roles else []
            if has and group.accounts and not set(group.accounts) & set(has):
                rule = f"names none of the accounts that have {role}"
                yield ConfigError(f"groups.{name}.accounts", rule, f"add one of {', '.join(has)}")


def one_path(stack: Settings) -> Iterator[ConfigError]:
    paths = sorted({role.path for role in stack.roles.values()})
    if stack.uses_group_mapping and len(paths) > 1:
        yield ConfigError(
            "roles",
            f"have paths {' and '.join(paths)}, but a group's name holds none",
            "give every role the same path",
        )


def sessions_fit(stack: Settings) -> Iterator[ConfigError]:
    for name, role in stack.roles.items():
        if stack.app.session_hours > role.session_hours:
            yield ConfigError(
                "app.sessionHours",
                f"is longer than roles.{name}.sessionHours = {role.session_hours}, "
                "so no login would succeed",
                f"raise roles.{name}.sessionHours, or lower it",
                stack.app.session_hours,
            )


def alarms_are_in_the_account(stack: Settings) -> Iterator[ConfigError]:
    for name, role in stack.roles.items():
        named = stack.accounts_of(name) if role.alarms else []
        ours = {stack.accounts[account].id for account in named if account in stack.accounts}
        for arn in role.alarms:
            if ours and ours != {arn.split(":")[4]}:
                rule = f"is not in the account of the role: {', '.join(sorted(ours))}"
                fix = "name a topic there, and give the role to one account"
                yield ConfigError(f"roles.{name}.alarms", rule, fix, arn)


def policies_fit(stack: Settings) -> Iterator[ConfigError]:
    most = stack.quotas.managed_policies_per_role
    for name, role in stack.roles.items():
        count = len(role.managed_policies) + len(role.customer_policies)
        if count > most:
            yield ConfigError(
                f"roles.{name}",
                f"has {count} managed policies, and AWS attaches {most}",
                "make some of them inlinePolicies, or raise quotas.managedPoliciesPerRole",
            )


def customer_policies_differ(stack: Settings) -> Iterator[ConfigError]:
    owners: dict[str, str] = {}
    for name, role in sorted(stack.roles.items()):
        for policy in role.customer_policies:
            if policy in owners:
                rule = f"is also a policy of role {owners[policy]}, and AWS keeps one of a name"
                yield ConfigError(f"roles.{name}.customerPolicies", rule, "rename it", policy)
            owners.setdefault(policy, name)


def tags_fit(stack: Settings) -> Iterator[ConfigError]:
    for name, role in stack.roles.items():
        if len(stack.tags | role.tags) > 50:
            rule = f"has {len(stack.tags | role.tags)} tags with the stack's, and AWS takes 50"
            yield ConfigError(f"roles.{name}.tags", rule, "take some out")


def priorities_differ(stack: Settings) -> Iterator[ConfigError]:
    """Of two groups with one number nobody could say which decides."""
    owners: dict[int, str] = {}
    for name, group in sorted(stack.groups.items()):
        if group.priority in owners:
            yield ConfigError(
                f"groups.{name}.priority",
                f"is also that of {owners[group.priority]}, and Okta refuses equal priorities",
                "give one of them another number",
                group.priority,
            )
        if group.priority is not None:
            owners.setdefault(group.priority, name)


def nobody_waits_for_an_inactive_app(stack: Settings) -> Iterator[ConfigError]:
    """Who is left in a group enters with the next activation, whatever that is for."""
    for name, group in stack.groups.items() if not stack.app.active else ():
        if group.members or group.temporary or group.rule:
            rule = "has people, and the app is inactive: they would enter once it is active"
            yield ConfigError(f"groups.{name}", rule, "empty the group, or set app.active: true")


def not_everyone(stack: Settings) -> Iterator[ConfigError]:
    if EVERYONE in stack.groups:
        rule = "is the group that Okta puts every person of the org into"
        yield ConfigError(f"groups.{EVERYONE}", rule, "make a group of its own for AWS")


def names_are_read_back(stack: Settings) -> Iterator[ConfigError]:
    """Okta must find in each generated name the account and the role that it was made of."""
    try:
        compiled(stack.app.group_filter)
    except re.error as error:
        rule = f"is not a regular expression: {error}"
        yield ConfigError("app.groupFilter", rule, "correct it", stack.app.group_filter)
        return
    for name, group in stack.role_groups.items():
        found = read_back(stack.app.group_filter, name)
        if found != (stack.accounts[group.account].id, group.role):
            seen = f"account {found[0]} and role {found[1]}" if found else "no account and role"
            yield ConfigError(
                "app.groupFilter",
                f"reads {seen} from the name {name!r}, which stands for role {group.role} in "
                f"account {stack.accounts[group.account].id}",
                "make groupFilter and groupName agree",
                stack.app.group_filter,
            )


def other_names_are_not(stack: Settings) -> Iterator[ConfigError]:
    """A group that Okta would take for a role group gives a role that nobody meant."""
    for name in stack.groups if stack.uses_group_mapping and not filter_broken(stack) else ():
        found = read_back(stack.app.group_filter, name)
        if found:
            rule = f"would open role {found[1]} of account {found[0]} by its name alone"
            yield ConfigError(f"groups.{name}", rule, "rename the group")


def filter_broken(stack: Settings) -> bool:
    try:
        compiled(stack.app.group_filter)
    except re.error:
        return True
    return False


ALL: tuple[Callable[[Settings], Iterator[ConfigError]], ...] = (
    one_account,
    accounts_differ,
    one_partition,
    regions_of_the_partition,
    no_user_for_group_mapping,
    settings_of_the_mode,
    groups_name_known_roles,
    expectations_name_known_groups,
    known_accounts,
    every_role_has_a_place,
    one_path,
    sessions_fit,
    alarms_are_in_the_account,
    policies_fit,
    customer_policies_differ,
    tags_fit,
    priorities_differ,
    nobody_waits_for_an_inactive_app,
    not_everyone,
    names_are_read_back,
    other_names_are_not,
)
