"""The results as a page: tables, and a plot that GitHub draws (Mermaid)."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2

TEMPLATE = Path(__file__).with_name("page.md.j2")
LARGE = 100
"""Roles from which start-up no longer hides how a cost grows."""
BARE = " (bare SDK calls)"


def page(results: Mapping[str, Any]) -> str:
    """The whole page, of the parts that were measured."""
    rows = [
        {**row, "verb": row["verb"].removesuffix(BARE), "bare": row["verb"].endswith(BARE)}
        for row in results.get("verbs", ())
    ]
    own = [
        (row["roles"], row["pulumi"]["cpu"]["program"] + row["pulumi"]["cpu"]["providers"])
        for row in results.get("terraform", ())
        if row["verb"] == "up" and row["roles"] >= LARGE
    ]
    environment = jinja2.Environment(keep_trailing_newline=True)  # noqa: S701 - not HTML
    return environment.from_string(TEMPLATE.read_text()).render(
        **{**results, "verbs": rows},
        ups=[row for row in rows if row["verb"] == "up" and not row["bare"]],
        bare={(row["roles"], row["verb"]): row for row in rows if row["bare"]},
        own=own,
        own_growth=exponent(own[0], own[-1]) if own else math.nan,
        growth=growth(results["program"]) if "program" in results else math.nan,
    )


def growth(rows: Any) -> float:
    """Exponent of the program's CPU beyond its start, between the second row and the last."""
    start, first, last = (rows[n]["programCpuSeconds"] for n in (0, 1, -1))
    return exponent((rows[1]["roles"], first - start), (rows[-1]["roles"], last - start))


def exponent(first: tuple[float, float], last: tuple[float, float]) -> float:
    """How a cost grows between two (size, cost): 1 is linear, 2 is quadratic."""
    if min(first[1], last[1]) <= 0 or first[0] == last[0]:
        return math.nan
    return math.log(last[1] / first[1]) / math.log(last[0] / first[0])
