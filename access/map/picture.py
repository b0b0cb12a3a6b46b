"""The picture as an SVG, and as a page around it that can be asked. Nothing in it is loaded."""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from access.map.graph import Edge, Graph, graph
from access.map.layout import GAP_X, MARK_GAP, Box, Layout, layout, left, mark_width
from access.model import AccessModel

TEMPLATES = Path(__file__).parent / "templates"
HEADS = ("People", "Okta groups", "AWS roles, by account")
LINES_SHOWN = 150
"""A picture with more lines than this is a wall: the page then shows those of what is searched."""


@dataclass(frozen=True)
class Mark:
    """A word in a small frame of its own."""

    text: str
    x: float
    width: float

    @property
    def kind(self) -> str:
        return self.text.partition(" ")[0]


def as_svg(estates: Mapping[str, AccessModel], policies_from: str) -> str:
    return _svg(graph(estates), estates, policies_from)


def as_page(estates: Mapping[str, AccessModel], policies_from: str) -> str:
    result = graph(estates)
    script = (TEMPLATES / "map.js").read_text()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        _environment()
        .get_template("map.html")
        .render(
            title=_title(estates),
            description=_description(result, policies_from),
            example=_example(result, estates),
            people=len({row.login for row in result.rows}),
            rows=sorted(result.rows, key=lambda row: (row.login, row.stack, row.account, row.role)),
            svg=Markup(_svg(result, estates, policies_from)),  # noqa: S704 - escaped when it was made
            script=Markup(script),  # noqa: S704 - ours
            script_hash=digest,
        )
    )


def _svg(result: Graph, estates: Mapping[str, AccessModel], policies_from: str) -> str:
    positions = layout(result)
    return (
        _environment()
        .get_template("map.svg")
        .render(
            title=_title(estates),
            description=_description(result, policies_from),
            layout=positions,
            heads=[(name, left(column)) for column, name in enumerate(HEADS)],
            source=policies_from,
            crowded=len(result.edges) > LINES_SHOWN,
            edges=sorted(result.edges, key=lambda edge: (edge.open, edge.start, edge.end)),
            curve=lambda edge: _curve(positions, edge),
            placed_marks=_marks,
            number=_number,
        )
    )


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
    )


def _example(result: Graph, estates: Mapping[str, AccessModel]) -> str:
    """Something that is in the picture: a person, else a stack."""
    logins = sorted(login for node in result.people for login in node.logins)
    return logins[0] if logins else next(iter(estates))


def _title(estates: Mapping[str, AccessModel]) -> str:
    return f"Access to AWS: {', '.join(estates)}"


def _description(result: Graph, policies_from: str) -> str:
    people = len({login for node in result.people for login in node.logins})
    return (
        f"{people} people, {len(result.groups)} Okta groups, {len(result.roles)} AWS roles. "
        "People in the same groups share a box. A dotted line means no access: another group has "
        "priority, or the role's trust policy lets nobody in. admin: may change permissions. "
        f"Drawn from the stack files; {policies_from}."
    )


def _curve(positions: Layout, edge: Edge) -> str:
    start, end = positions.boxes[edge.start], positions.boxes[edge.end]
    x0, x1 = start.x + start.width, end.x
    if start.column == end.column:  # a role chain: an arc in the gap beside the roles
        x0, half = end.x, end.x - GAP_X / 2
    else:
        half = (x0 + x1) / 2
    return (
        f"M{_number(x0)} {_number(start.middle)}C{_number(half)} {_number(start.middle)} "
        f"{_number(half)} {_number(end.middle)} {_number(x1)} {_number(end.middle)}"
    )


def _marks(box: Box) -> Iterator[Mark]:
    right = box.x + box.width - 8
    for text in reversed(box.marks):
        width = mark_width(text)
        yield Mark(text, right - width, width)
        right -= width + MARK_GAP


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
