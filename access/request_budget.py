"""How many requests to Okta a run makes, by rate-limit bucket, before it is started.

The requests of each resource are those of pulumi-okta 7 (terraform-provider-okta 6.12), as a test
counts them on the emulated Okta. Not counted are `app.commandLine`, `app.signOnPolicy` and retries.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from okta_aws_federation.okta_limits import BUCKETS, bucket_of
from settings import Settings

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


@dataclass(frozen=True)
class Budget:
    """What one run requests of Okta."""

    run: str
    """One of RUNS."""
    requests: dict[str, int]
    """Bucket -> requests."""
    minutes: float
    """At least how long it takes at the org's limits, with `okta.maxApiCapacity` of each."""

    @property
    def total(self) -> int:
        """Requests of all buckets."""
        return sum(self.requests.values())


def budgets(stack: Settings) -> list[Budget]:
    """The budget of each of RUNS, with every group and person of the file new to the state."""
    return [budget(stack, run) for run in RUNS]


def budget(stack: Settings, run: str) -> Budget:
    """The budget of one of RUNS."""
    counted: Counter[str] = Counter()
    for method, path, number in requests(stack, run):
        if number:
            counted[bucket_of(method, path).name] += number
    share = stack.okta.max_api_capacity / 100
    limits = {bucket.name: bucket.per_minute * share for bucket in BUCKETS}
    minutes = max((n / limits[name] for name, n in counted.items()), default=0.0)
    return Budget(run, dict(sorted(counted.items())), minutes)


def requests(stack: Settings, run: str) -> Requests:
    """What one run requests."""
    yield "GET", "/api/v1/users/me", 2  # the plugin checks its credentials
    if run != "refresh":
        yield from look_ups(stack)
    if run == "unchanged":
        yield "GET", "/api/v1/apps/ID/sso/saml/metadata", 1
    elif run == "refresh":
        yield from reads(stack, metadata=1)
    elif run == "up":
        yield from reads(stack, metadata=2)
        yield from writes(stack)


def look_ups(stack: Settings) -> Requests:
    """Ids of people and groups that are there already."""
    existing = [login for login in stack.memberships if login not in stack.people]
    yield "GET", "/api/v1/users", -(-len(existing) // LOGINS_PER_LOOKUP)
    yield "GET", "/api/v1/groups", sum(not group.is_managed for group in stack.groups.values())


def reads(stack: Settings, metadata: int) -> Requests:
    """Each resource once, as a refresh reads it."""
    yield "GET", "/api/v1/apps/ID", 1
    yield "GET", "/api/v1/apps/ID/credentials/keys", 1
    yield "GET", "/api/v1/apps/ID/sso/saml/metadata", metadata
    yield "GET", "/api/v1/apps/ID/groups/ID", assignments(stack)
    yield "GET", "/api/v1/groups/ID", created_groups(stack)
    yield "GET", "/api/v1/groups/rules/ID", rules(stack)
    yield "GET", "/api/v1/users/ID", len(new_people(stack))
    yield "GET", "/api/v1/users/ID/groups", len(stack.memberships)


def writes(stack: Settings) -> Requests:
    """Everything created; the plugin reads a new group twice."""
    yield "POST", "/api/v1/apps", 1
    yield "PUT", "/api/v1/apps/ID/groups/ID", assignments(stack)
    yield "POST", "/api/v1/groups", created_groups(stack)
    yield "GET", "/api/v1/groups/ID", created_groups(stack)
    yield "POST", "/api/v1/groups/rules", rules(stack)
    yield "POST", "/api/v1/groups/rules/ID/lifecycle/activate", rules(stack)
    yield "POST", "/api/v1/users", len(new_people(stack))
    yield "PUT", "/api/v1/groups/ID/users/ID", sum(map(len, stack.memberships.values()))


def assignments(stack: Settings) -> int:
    """Groups that are assigned to the app."""
    return len(stack.groups) if stack.assignments_enabled else 0


def created_groups(stack: Settings) -> int:
    """Groups that the stack creates."""
    return sum(group.is_managed for group in stack.groups.values()) + len(stack.role_groups)


def rules(stack: Settings) -> int:
    """Group rules."""
    expressions = [group.rule for group in stack.groups.values()]
    expressions += [group.rule for group in stack.role_groups.values()]
    return sum(expression is not None for expression in expressions)


def new_people(stack: Settings) -> list[str]:
    """Logins of people whom the stack creates."""
    return [login for login in stack.memberships if login in stack.people]
