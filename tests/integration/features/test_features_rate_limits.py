"""A hundred groups at Okta's Enterprise limits, on a clock that makes a minute of three seconds.

The org counts and the plugin waits on the same fast clock, so the run meets as many limits as on a
real one, and ends sooner.
"""

from dataclasses import replace

import pytest

from sandbox.clock import VARIABLE, Clock
from sandbox.errors import SandboxError
from sandbox.faults import Fault

ACCOUNT = "123456789012"
GROUPS = 100
SPEED = 20.0


def stack_file(**okta):
    return {
        "accounts": {"main": {"id": ACCOUNT, "region": "us-east-1"}},
        "roles": {"OktaDeveloper": {}},
        "provisioning": {"integration": "done"},
        "groups": {f"AWSTeam{number:03}": {"roles": ["OktaDeveloper"]} for number in range(GROUPS)},
        **({"okta": okta} if okta else {}),
    }


@pytest.fixture(scope="module")
def bench(bench_of):
    """Limits as Okta's Enterprise column has them, of which one token may use half."""
    with bench_of(ACCOUNT, strict_roles=False) as bench:
        clock = Clock.running(SPEED)
        bench.org.org.clock = clock.utc
        variables = {**bench.stack.variables, VARIABLE: clock.text}
        bench.stack = replace(bench.stack, variables=variables)
        bench.okta("PATCH", "/sandbox/switches", json={"rate_limit_scale": 1.0})
        yield bench


def refused(bench):
    """How many requests of the last command met a limit; forgets all requests."""
    requests = list(bench.org.org.requests)
    bench.org.org.requests.clear()
    return sum(request.status == 429 for request in requests)


def test_a_hundred_groups_are_made_left_alone_and_refreshed(bench):
    bench.write(stack_file())
    refused(bench)

    assert bench.up()["created"] > 3 * GROUPS
    assert refused(bench), "the limits were met, or this test shows nothing"
    assert bench.up() == {}
    printed = bench.stack.run("refresh", "--stack", bench.stack.name, "--yes", "--skip-preview")
    assert "error" not in printed
    assert bench.up() == {}


def test_two_limits_in_a_row_are_waited_for(bench):
    bench.write(stack_file() | {"groups": {"AWSTeam000": {"roles": ["OktaDeveloper"]}}})
    bench.up()
    twice = Fault(effect="error", operation="POST /api/v1/groups", status=429, reset_in=50, times=2)
    bench.org.org.faults.add(twice)
    refused(bench)
    bench.write(
        stack_file()
        | {"groups": {name: {"roles": ["OktaDeveloper"]} for name in ("AWSTeam000", "AWSTeam001")}}
    )

    assert bench.up() == {"created": 3}
    assert refused(bench) >= 2


def test_a_timeout_ends_such_a_run(bench):
    """Under `http_proxy` answers are lost as well: whichever comes first, the run fails."""
    bench.write(stack_file(requestTimeoutSeconds=60))

    with pytest.raises(SandboxError, match=r"context deadline exceeded|nil state|panic"):
        bench.up()
