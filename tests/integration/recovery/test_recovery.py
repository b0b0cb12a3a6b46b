"""Killed deployments come back: a spread of the points that `make sweep` goes through."""

from tests.integration.recovery import table
from tests.integration.recovery.bench import COMMANDS
from tests.integration.recovery.interruption import Point
from tests.integration.recovery.sweep import Result, keep, live, points

SPREAD = [
    Point("first up", "SIGINT twice", "after", "CreateAccessKey"),
    Point("second up", "okta plugin", "after", "PUT /apps/ID/groups/ID"),
    Point("destroy", "tree", "after", "DELETE /apps/ID"),
]


def test_a_deployment_killed_in_each_phase_ends_as_an_undisturbed_one(wanted, tmp_path):
    results = list(live(SPREAD, wanted, tmp_path))

    assert [each.trouble for each in results] == [""] * len(SPREAD)
    assert results[0].steps > 0


def test_the_sweep_goes_through_each_call_of_each_phase(wanted):
    swept = {(each.phase, each.call) for each in points(wanted.calls)}

    assert {phase for phase, _ in swept} == set(COMMANDS)
    assert {("first up", "POST /apps"), ("second up", "PUT /apps/ID/groups/ID")} < swept
    assert {(each.phase, each.call) for each in SPREAD} < swept


def test_a_sweep_is_resumed_from_its_page(monkeypatch, tmp_path):
    page, results = tmp_path / "page.md", tmp_path / "results"
    monkeypatch.setattr(table, "PAGE", page)
    done = [
        Result(Point("first up", "engine", "after", "POST /apps"), 2, ""),
        Result(Point("destroy", "SIGINT in preview", "before", "GET /users/me", 2), 0, ""),
        Result(Point("destroy", "tree", "after", "DELETE /apps/ID"), 3, "an app | is left"),
    ]
    for each in done:
        keep(results, each)
    table.write_table(results, 9)

    rows = table.right_in(page.read_text())

    points = [Point(**{k: row[k] for k in row if k not in ("steps", "trouble")}) for row in rows]
    assert {(point, row["steps"]) for point, row in zip(points, rows, strict=True)} == {
        (each.point, each.steps) for each in done if not each.trouble
    }
