"""Killed deployments come back: a spread of the points that `make sweep` goes through.

After a killed destroy the page has two lines:
    .venv/bin/python -m access recover Pulumi.dev.yaml --yes
    pulumi destroy --stack dev --yes
"""

import pytest

from tests.integration.recovery.interruption import Point
from tests.integration.recovery.sweep import bring_back, points

SPREAD = [
    Point("first up", "engine", "after", "CreateAccessKey"),
    Point("first up", "SIGINT twice", "after", "CreateRole"),
    Point("first up", "okta plugin", "after", "POST /apps"),
    Point("destroy", "tree", "after", "DELETE /apps/ID"),
]


@pytest.mark.parametrize("point", SPREAD, ids=str)
def test_a_killed_deployment_ends_as_an_undisturbed_one(point, wanted, tmp_path):
    result = bring_back(point, wanted, tmp_path)

    assert result.trouble == ""
    assert result.steps > 0


def test_the_sweep_goes_through_each_call_of_each_phase(wanted):
    swept = {(each.phase, each.call) for each in points(wanted.calls)}

    assert {phase for phase, _ in swept} == {"first up", "second up", "destroy"}
    assert {("first up", "POST /apps"), ("second up", "PUT /apps/ID/groups/ID")} < swept
    assert {(each.phase, each.call) for each in SPREAD} < swept
