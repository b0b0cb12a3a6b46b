"""Groups at Okta's Enterprise limits, on a clock that makes a minute of three seconds.

Thirty groups meet three tenths of the limits, as a hundred would meet the whole of them.

The org counts and the plugin waits on the same fast clock, so a run meets as many limits as on a
real one, and ends sooner. Okta is reached over HTTPS, where the plugin paces its calls.
"""

from dataclasses import replace

import pytest

from sandbox.clock import VARIABLE, Clock
from sandbox.errors import SandboxError
from sandbox.faults import Fault

ACCOUNT = "123456789012"
GROUPS = 30
SHARE_OF_LIMITS = GROUPS / 100
SPEED = 20.0


def stack_file(number=GROUPS, **okta):
    return {
        "accounts": {"main": {"id": ACCOUNT, "region": "us-east-1"}},
        "roles": {"OktaDeveloper": {}},
        "provisioning": {"integration": "done"},
        "groups": {f"AWSTeam{each:03}": {"roles": ["OktaDeveloper"]} for each in range(number)},
        **({"okta": okta} if okta else {}),
    }


@pytest.fixture(scope="module")
def bench(bench_of):
    """Limits as Okta's Enterprise column has them, of which one token may use half."""
    with bench_of(ACCOUNT, strict_roles=False, https=True) as bench:
        clock = Clock.running(SPEED)
        bench.org.org.clock = clock.utc
        variables = {**bench.stack.variables, VARIABLE: clock.text}
        bench.stack = replace(bench.stack, variables=variables)
        bench.okta("PATCH", "/sandbox/switches", json={"rate_limit_scale": SHARE_OF_LIMITS})
        yield bench


def refresh(bench):
    return bench.stack.run("refresh", "--stack", bench.stack.name, "--yes", "--skip-preview")


def test_many_groups_are_made_left_alone_and_refreshed(bench):
    bench.write(stack_file())

    assert bench.up()["created"] > 3 * GROUPS
    assert bench.up() == {}
    assert "error" not in refresh(bench)
    assert bench.up() == {}


def test_a_refresh_with_a_timeout_fails_where_limits_are_met(bench):
    """It counts the waits for limits; a tenth of them, lest a slow machine meets none."""
    bench.okta("PATCH", "/sandbox/switches", json={"rate_limit_scale": SHARE_OF_LIMITS / 10})
    bench.write(stack_file(requestTimeoutSeconds=60))
    bench.up()

    with pytest.raises(SandboxError, match="context deadline exceeded"):
        refresh(bench)
    bench.okta("PATCH", "/sandbox/switches", json={"rate_limit_scale": SHARE_OF_LIMITS})


def test_two_limits_in_a_row_are_waited_for_and_not_with_a_timeout(bench):
    def limited_twice():
        bench.org.org.faults.add(
            Fault(effect="error", operation="POST /api/v1/groups", status=429, times=2)
        )

    bench.write(stack_file(2))
    bench.up()
    limited_twice()
    bench.write(stack_file(3))
    assert bench.up() == {"created": 3}

    limited_twice()
    bench.write(stack_file(4, requestTimeoutSeconds=60))
    with pytest.raises(SandboxError, match=r"failed to create group: .*context deadline exceeded"):
        bench.up()
    bench.org.org.faults.clear()
