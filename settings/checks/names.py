"""Names: that a section names what is in the file, and no two names that AWS or Okta take for one.

Source: IAM API Reference, CreateRole, CreatePolicy: "Names are not distinguished by case"; IAM User
Guide, "Tags for IAM resources" and "Pass session tags in AWS STS": keys of tags too.
"""

from collections.abc import Callable, Iterable, Iterator

from settings.errors import ConfigError, did_you_mean
from settings.stack import Settings
from settings.text import alike, folded

ONE_NAME = "differs from {} in case alone, and {} compares names without it"


def names_are_known(stack: Settings) -> Iterator[ConfigError]:
    """Roles, groups and accounts that a section names are in the file."""
    for key, section, name in references(stack):
        known = getattr(stack, section)
        if name not in known:
            rule = f"is not among the {section}{did_you_mean(name, known)}"
            yield ConfigError(key, rule, f"correct it, or add {name} to {section}", name)


def references(stack: Settings) -> Iterator[tuple[str, str, str]]:
    """Key, section and name of each role, group and account that another section names."""
    for name, role in stack.roles.items():
        yield from ((f"roles.{name}.accounts", "accounts", each) for each in role.accounts)
    for name, group in stack.groups.items():
        yield from ((f"groups.{name}.accounts", "accounts", each) for each in group.accounts)
        yield from ((f"groups.{name}.roles", "roles", each) for each in group.roles)
    for number, expected in enumerate(stack.expect):
        if expected.group is not None:
            yield f"expect.{number}.group", "groups", expected.group


def twins(names: Iterable[str], as_one: Callable[[str], str] = folded) -> Iterator[tuple[str, str]]:
    """Each name that `as_one` makes equal to an earlier one, with that one."""
    first: dict[str, str] = {}
    for name in names:
        earlier = first.setdefault(as_one(name), name)
        if earlier != name:
            yield name, earlier


def names_differ(stack: Settings) -> Iterator[ConfigError]:
    """Roles, groups, people, and the inline policies of a role."""
    for section, owner in (("roles", "IAM"), ("groups", "Okta"), ("people", "Okta")):
        for name, earlier in twins(getattr(stack, section)):
            yield ConfigError(f"{section}.{name}", ONE_NAME.format(earlier, owner), "rename one")
    for name, earlier in twins(stack.groups, alike):
        if folded(name) != folded(earlier):
            rule = f"looks like {earlier!r}: case, blanks or the form of an accent differ alone"
            yield ConfigError(f"groups.{name}", rule, "rename one")
    for role, named in stack.roles.items():
        for name, earlier in twins(named.inline_policies):
            key = f"roles.{role}.inlinePolicies.{name}"
            yield ConfigError(key, ONE_NAME.format(earlier, "IAM"), "rename one")


def customer_policies_differ(stack: Settings) -> Iterator[ConfigError]:
    """A customer policy belongs to the account: no other role or user may have one of its name."""
    owners: dict[str, tuple[str, str]] = {}
    if not stack.uses_group_mapping:
        policy = stack.provisioning.policy
        owners[folded(policy)] = policy, "provisioning.policy"
    for role, named in sorted(stack.roles.items()):
        for name in named.customer_policies:
            key = f"roles.{role}.customerPolicies.{name}"
            earlier, owner = owners.setdefault(folded(name), (name, f"roles.{role}"))
            if owner == f"roles.{role}" and earlier == name:
                continue
            rule = f"is also a policy of {owner}, and AWS keeps one of a name"
            if earlier != name:
                rule = f"{ONE_NAME.format(earlier, 'IAM')}; {owner} has that one"
            yield ConfigError(key, rule, "rename it")


def tag_keys_differ(stack: Settings) -> Iterator[ConfigError]:
    """Tags of the stack, and of a role beside them."""
    for name, earlier in twins(stack.tags):
        yield ConfigError(f"tags.{name}", ONE_NAME.format(earlier, "AWS"), "take one out")
    for role, named in stack.roles.items():
        for name, earlier in twins([*stack.tags, *named.tags]):
            if name in named.tags:
                key = f"roles.{role}.tags.{name}"
                yield ConfigError(key, ONE_NAME.format(earlier, "AWS"), f"write {earlier}")


def session_tag_keys_differ(stack: Settings) -> Iterator[ConfigError]:
    """STS refuses every sign-in that sends one key twice: `Duplicate tag keys found`."""
    sent = stack.app.session_tags
    for name, earlier in twins(sent):
        key = f"app.sessionTags.{name}"
        yield ConfigError(key, ONE_NAME.format(earlier, "STS"), "take one out")
    for role, named in stack.roles.items():
        for name, earlier in twins([*sent, *named.trust.session_tags]):
            if name in named.trust.session_tags:
                key = f"roles.{role}.trust.sessionTags"
                rule = ONE_NAME.format(earlier, "STS")
                yield ConfigError(key, rule, f"write {earlier}", name)
