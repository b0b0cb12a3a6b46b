"""How many requests to Okta and calls to AWS a run makes, before it is started.

What each resource requests is what pulumi-okta 7 (terraform-provider-okta 6.12) and pulumi-aws 7
do; a test counts it on the emulated clouds. Retries are not counted. The AWS provider was seen to
make a few calls more than the emulated one: a second check of its credentials in a preview and an
`up`, and a second read of a new IAM group and of each new inline policy.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from okta_aws_federation.okta_limits import BUCKETS, bucket_of
from settings import Part, Role, Settings

LOGINS_PER_LOOKUP = 40
"""As the program looks people up: `components.lookups`, which a test compares."""
NAMES = {
    "preview": "first preview",
    "up": "first up without its preview",
    "unchanged": "up or preview that changes nothing",
    "refresh": "refresh",
}
RUNS = tuple(NAMES)

Requests = Iterator[tuple[str, str, int]]
"""Method, path with ID for each id, and how many."""
Calls = Iterator[tuple[str, int, int]]
"""AWS service, and how many calls create and read some resources."""


@dataclass(frozen=True)
class Budget:
    """What one run requests of Okta."""

    run: str
    """One of RUNS."""
    requests: dict[str, int]
    """Bucket -> requests to Okta."""
    aws: dict[str, int]
    """AWS service -> calls, in all accounts. AWS publishes no limits of IAM."""
    minutes: float
    """At least how long it takes at the org's limits, with `okta.maxApiCapacity` of each."""

    @property
    def total(self) -> int:
        """Requests of all buckets."""
        return sum(self.requests.values())

    def as_json(self) -> dict[str, object]:
        """For a program."""
        minutes = round(self.minutes, 2)
        return {"run": self.run, "okta": self.requests, "aws": self.aws, "minutes": minutes}


def budgets(part: Part) -> list[Budget]:
    """The budget of each of RUNS, with everything of the file new to the state."""
    return [budget(part, run) for run in RUNS]


def budget(part: Part, run: str) -> Budget:
    """The budget of one of RUNS, of the stack that deploys a part."""
    stack = part.estate
    counted: Counter[str] = Counter()
    for method, path, number in requests(stack, run) if part.has_okta else ():
        if number:
            counted[bucket_of(method, path).name] += number
    calls: Counter[str] = Counter()
    for account in part.accounts:
        calls["sts"] += 1
        for service, created, read in aws_resources(stack, account):
            calls[service] += {"up": created, "refresh": read}.get(run, 0)
    share = stack.okta.max_api_capacity / 100
    limits = {bucket.name: bucket.per_minute * share for bucket in BUCKETS}
    minutes = max((n / limits[name] for name, n in counted.items()), default=0.0)
    aws = {service: n for service, n in sorted(calls.items()) if n}
    return Budget(run, dict(sorted(counted.items())), aws, minutes)


def requests(stack: Settings, run: str) -> Requests:
    """What one run requests."""
    yield "GET", "/api/v1/users/me", 2  # the plugin checks its credentials
    if run != "refresh":
        yield from look_ups(stack)
    metadata = {"preview": 0, "up": 2}.get(run, 1)
    yield "GET", "/api/v1/apps/ID/sso/saml/metadata", metadata
    if run == "refresh":
        yield "GET", "/api/v1/policies/ID", stack.app.sign_on_policy is not None
    for number, reads, writes in okta_resources(stack) if run in ("refresh", "up") else ():
        yield from (("GET", path, number) for path in reads)
        for method, _, path in (each.partition(" ") for each in writes) if run == "up" else ():
            yield method, path, number


def look_ups(stack: Settings) -> Requests:
    """Ids of people and groups that are there already."""
    existing = [login for login in stack.memberships if login not in stack.people]
    yield "GET", "/api/v1/users", -(-len(existing) // LOGINS_PER_LOOKUP)
    yield "GET", "/api/v1/groups", sum(not group.is_managed for group in stack.groups.values())


def okta_resources(stack: Settings) -> Iterator[tuple[int, Sequence[str], Sequence[str]]]:
    """How many there are of a kind, what a refresh gets of each, and what creates it; the plugin
    reads a new group twice."""
    policy, client = stack.app.sign_on_policy is not None, stack.app.command_line is not None
    rule = "/api/v1/policies/ID/rules"
    oauth = "/api/v1/internal/apps/ID/settings/oauth/idToken"
    yield (
        policy,
        ("/.well-known/okta-organization", rule, f"{rule}/ID"),
        ("POST /api/v1/policies", f"POST {rule}"),
    )
    yield client, (oauth,), (f"POST {oauth}",)
    yield 1 + client, ("/api/v1/apps/ID",), ("POST /api/v1/apps",)
    if policy or stack.app.sign_on_policy_id:
        yield 1 + client, (), ("PUT /api/v1/apps/ID/policies/ID",)
    yield 1, ("/api/v1/apps/ID/credentials/keys",), ()
    assignment, group = "/api/v1/apps/ID/groups/ID", "/api/v1/groups/ID"
    yield assignments(stack), (assignment,), (f"PUT {assignment}",)
    yield created_groups(stack), (group,), ("POST /api/v1/groups", f"GET {group}")
    rules, activate = "/api/v1/groups/rules", "/api/v1/groups/rules/ID/lifecycle/activate"
    yield group_rules(stack), (f"{rules}/ID",), (f"POST {rules}", f"POST {activate}")
    yield len(new_people(stack)), ("/api/v1/users/ID",), ("POST /api/v1/users",)
    yield len(stack.memberships), ("/api/v1/users/ID/groups",), ()
    yield sum(map(len, stack.memberships.values())), (), (f"PUT {group}/users/ID",)


def assignments(stack: Settings) -> int:
    """Groups that are assigned to the app, and to that of the command line."""
    apps = int(stack.assignments_enabled) + (stack.app.command_line is not None)
    return len(stack.groups) * apps


def created_groups(stack: Settings) -> int:
    """Groups that the stack creates."""
    return sum(group.is_managed for group in stack.groups.values()) + len(stack.role_groups)


def group_rules(stack: Settings) -> int:
    """Group rules."""
    expressions = [group.rule for group in stack.groups.values()]
    expressions += [group.rule for group in stack.role_groups.values()]
    return sum(expression is not None for expression in expressions)


def new_people(stack: Settings) -> list[str]:
    """Logins of people whom the stack creates."""
    return [login for login in stack.memberships if login in stack.people]


def aws_resources(stack: Settings, account: str) -> Calls:
    """Everything that an account has."""
    providers = 1 + len(stack.app.additional_providers)
    yield "iam", 2 * providers, providers
    for each in stack.roles_in_account(account):
        yield from aws_role(stack.roles[each.role])
    if not stack.uses_group_mapping:
        yield from aws_provisioning(stack)


def aws_role(role: Role) -> Calls:
    """A role, its policies and alarms. A role reads its inline policies too."""
    customer, inline = len(role.customer_policies), len(role.inline_policies)
    attached = customer + len(role.managed_policies)
    created = 4 + 3 * customer + 2 * attached + 2 * inline
    yield "iam", created, 3 + 2 * (customer + inline) + attached
    if role.exclusive:
        yield "iam", 6, 4
    yield "events", 5 * len(role.alarms), 3 * len(role.alarms)


def aws_provisioning(stack: Settings) -> Calls:
    """The IAM user that lists roles, its policy and keys, and where the key is stored."""
    section = stack.provisioning
    keys = len(section.keys)
    yield "iam", 2 + 3 + keys, 1 + 2 + keys  # user, policy, keys
    yield ("iam", 2 + 2 + 2, 1 + 1 + 1) if section.attach == "group" else ("iam", 2, 1)
    if section.store is not None:
        stored = {"ssm": ("ssm", 4, 3), "secretsmanager": ("secretsmanager", 4 + 3, 2 + 1)}
        yield stored[section.store.kind]
