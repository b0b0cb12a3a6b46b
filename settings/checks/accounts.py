"""Accounts, regions and ARNs: one partition, and nothing of a stranger's account."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from okta_aws_federation.partitions import PARTITIONS, partition_of
from okta_aws_federation.trust_policy import as_list
from settings.errors import ConfigError
from settings.roles import Role
from settings.stack import Settings


def one_account(stack: Settings) -> Iterator[ConfigError]:
    """Mode saml-roles: the provisioning user is in one account, and so are the roles."""
    if not stack.uses_group_mapping and len(stack.accounts) > 1:
        yield ConfigError(
            "accounts",
            f"names {len(stack.accounts)} accounts, but Okta downloads the roles of one",
            "set mode: group-mapping, or give every other account a stack of its own",
        )


def accounts_differ(stack: Settings) -> Iterator[ConfigError]:
    """Two sections of one account would create everything in it twice."""
    names: dict[str, str] = {}
    for name, account in sorted(stack.accounts.items()):
        if account.id in names:
            key, rule = f"accounts.{name}.id", f"is also that of {names[account.id]}"
            yield ConfigError(key, rule, "keep the account once", account.id)
        names[account.id] = name


def one_partition(stack: Settings) -> Iterator[ConfigError]:
    """The accounts are in one partition: each partition has a sign-in page of its own."""
    names = sorted({account.partition.name for account in stack.accounts.values()})
    if len(names) > 1:
        yield ConfigError(
            "accounts",
            f"lie in partitions {' and '.join(names)}, but an Okta app knows one sign-in page",
            "give each partition a stack of its own",
        )


def regions_of_the_partition(stack: Settings) -> Iterator[ConfigError]:
    """A region of another partition has no sign-in endpoint for these accounts, and its console
    takes no session of theirs."""
    named = [("app.fallbackRegions", region) for region in stack.app.fallback_regions]
    for key, region in [("app.signInRegion", stack.app.sign_in_region), *named]:
        if region and partition_of(region) != stack.partition:
            rule = f"is not a region of {stack.partition.name}, where the accounts are"
            yield ConfigError(key, rule, "choose a region of that partition", region)
    host = urlsplit(stack.app.login_url or "").hostname or ""
    for other in PARTITIONS:
        domain = str(urlsplit(other.console).hostname).removeprefix("console.")
        if other != stack.partition and host.endswith(domain):
            rule = f"is a console of {other.name}, and the accounts are in {stack.partition.name}"
            fix = f"write {stack.partition.console}, or leave it out"
            yield ConfigError("app.loginUrl", rule, fix, stack.app.login_url)


def arns_are_of_the_account(stack: Settings) -> Iterator[ConfigError]:
    """ARNs of another partition or account: AWS refuses them in the middle of an update."""
    for key, arn, accounts in arns(stack):
        parts = arn.split(":")
        ids = sorted({stack.accounts[each].id for each in accounts if each in stack.accounts})
        if not ids:
            continue
        if parts[1] != stack.partition.name:
            rule = f"is in partition {parts[1]}, and the accounts are in {stack.partition.name}"
            yield ConfigError(key, rule, f"begin it with arn:{stack.partition.name}:", arn)
        elif parts[4] not in ("aws", "") and ids != [parts[4]]:
            rule = f"is not in the account of the role: {', '.join(ids)}"
            yield ConfigError(key, rule, "name one there, and give the role to one account", arn)


def kms_key_is_in_the_region(stack: Settings) -> Iterator[ConfigError]:
    """Systems Manager and Secrets Manager use keys of their own region alone."""
    key = stack.provisioning.store.kms_key if stack.provisioning.store else None
    for account in stack.accounts.values():
        if key and key.startswith("arn:") and key.split(":")[3] != account.region:
            rule = f"is not in {account.region}, where the secret key is stored"
            yield ConfigError("provisioning.store.kmsKey", rule, "name a key of that region", key)


def arns(stack: Settings) -> Iterator[tuple[str, str, list[str]]]:
    """Key, ARN, and the accounts that it must be in."""
    for name, role in stack.roles.items():
        references = [("boundary", role.boundary or "")]
        references += [("managedPolicies", each) for each in role.managed_policies]
        references += [("alarms", each) for each in role.alarms]
        references += [("trust.providers", each) for each in role.trust.providers]
        keys = [(f"roles.{name}.{field}", reference) for field, reference in references]
        keys += [(key, arn) for key, kind, arn in principals(name, role) if kind == "Federated"]
        for key, reference in keys:
            if reference.startswith("arn:"):
                yield key, reference, stack.accounts_of(name)
    store = stack.provisioning.store
    if store and store.kms_key and store.kms_key.startswith("arn:"):
        yield "provisioning.store.kmsKey", store.kms_key, list(stack.accounts)


def resources_are_of_the_partition(stack: Settings) -> Iterator[ConfigError]:
    """A resource of another partition is never met, so the statement or proof says nothing."""
    for key, arn in resources(stack):
        partition = arn.split(":")[1] if arn.startswith("arn:") else stack.partition.name
        if arn.endswith(".amazonaws.com.cn") and stack.partition.name != "aws-cn":
            rule, fix = "is a service of the partition aws-cn", f"write {arn.removesuffix('.cn')}"
            yield ConfigError(key, rule, fix, arn)
        if not {"*", "?", "$"} & set(partition) and partition != stack.partition.name:
            rule = f"is in partition {partition}, and the accounts are in {stack.partition.name}"
            yield ConfigError(key, rule, f"begin it with arn:{stack.partition.name}:", arn)


def principals(name: str, role: Role) -> Iterator[tuple[str, str, str]]:
    """Key, kind (AWS, Service, Federated) and value of each principal of a role's statements."""
    for number, statement in enumerate(role.trust.statements):
        for kind, values in statement.principal.items():
            for value in as_list(values):
                yield f"roles.{name}.trust.statements.{number}.Principal.{kind}", kind, value


def resources(stack: Settings) -> Iterator[tuple[str, str]]:
    """Key and ARN of each resource and principal that a statement or an expectation names."""
    for name, role in stack.roles.items():
        yield from ((key, principal) for key, _, principal in principals(name, role))
        policies = {f"customerPolicies.{n}": each for n, each in role.customer_policies.items()}
        policies |= {f"inlinePolicies.{n}": each for n, each in role.inline_policies.items()}
        for policy, statements in policies.items():
            for number, statement in enumerate(statements):
                key = f"roles.{name}.{policy}.{number}"
                yield from ((f"{key}.Resource", each) for each in as_list(statement.resource or ()))
                others = as_list(statement.not_resource or ())
                yield from ((f"{key}.NotResource", each) for each in others)
    for number, expected in enumerate(stack.expect):
        for field, checks in (("can", expected.can), ("cannot", expected.cannot)):
            for position, check in enumerate(checks):
                if check.resource:
                    yield f"expect.{number}.{field}.{position}.resource", check.resource
