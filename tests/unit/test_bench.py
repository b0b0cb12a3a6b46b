"""`make bench` at small sizes: the page has a row for each, and the requests are the budget's."""

import subprocess
import sys
from pathlib import Path

import pytest

import settings
from access import request_budget
from tools import bench

ROOT = Path(__file__).parents[2]


def test_the_page_has_a_row_for_each_size_and_account():
    command = [sys.executable, "-m", "tools.bench", "--sizes", "1", "2", "4", "--print"]
    page = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    for size in (1, 2, 4):
        budgets = request_budget.budgets(settings.Part.whole(settings.parse(bench.company(size))))
        [row] = [line for line in page.splitlines() if line.startswith(f"| {size} | {size * 5} |")]
        assert [cell.split(" (")[0] for cell in row.split(" | ")[4:]] == [
            f"{each.total:,}" for each in budgets
        ]
    for accounts in bench.ACCOUNTS:
        assert f"\n| {accounts} | " in page


def test_the_exponent_of_a_square_is_two_and_of_a_line_one():
    def rows(cost):
        return [{"roles": n, "cost": cost(n - 10)} for n in (10, 30, 110)]

    assert bench.exponent(rows(lambda n: 3 * n), "cost") == pytest.approx(1)
    assert bench.exponent(rows(lambda n: n**2), "cost") == pytest.approx(2)
