"""Killed deployments come back: a spread of the points that `make sweep` goes through.

After a killed destroy the page has two lines:
    .venv/bin/python -m access recover Pulumi.dev.yaml --yes
    pulumi destroy --stack dev --yes
"""

import pytest

from tests.integration.recovery.interruption import Point
from tests.integration.recovery.sweep import live, points

LIVES = {
    "a second key, then what an app has": (
        Point("first up", "engine", "after", "CreateAccessKey"),
        Point("destroy", "tree", "after", "DELETE /apps/ID"),
    ),
    "a second app, the assignment, a role": (
        Point("first up", "SIGINT twice", "after", "POST /apps"),
        Point("second up", "okta plugin", "after", "PUT /apps/ID/groups/ID"),
        Point("destroy", "engine", "after", "DeleteRole"),
    ),
}
SPREAD = [point for life in LIVES.values() for point in life]


@pytest.mark.parametrize("life", LIVES.values(), ids=LIVES.keys())
def test_a_killed_deployment_ends_as_an_undisturbed_one(life, wanted, tmp_path):
    results = list(live(life, wanted, tmp_path))

    assert [each.trouble for each in results] == [""] * len(life)
    assert results[0].steps > 0


def test_the_sweep_goes_through_each_call_of_each_phase(wanted):
    swept = {(each.phase, each.call) for each in points(wanted.calls)}

    assert {phase for phase, _ in swept} == {"first up", "second up", "destroy"}
    assert {("first up", "POST /apps"), ("second up", "PUT /apps/ID/groups/ID")} < swept
    assert {(each.phase, each.call) for each in SPREAD} < swept
