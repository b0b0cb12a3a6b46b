"""Where everything stands: three columns, ordered so that few ways cross.

The order is found as in layered graph drawing: each column is sorted by the mean place of what its
nodes are joined to, a few times back and forth. See ADR 14 for why this is not a library's.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from access.map.graph import Graph, Group, Node, People, Role

WIDTHS = (310, 290, 410)
GAP_X, GAP_Y, TOP, MARGIN = 110, 14, 124, 20
LINE, PADDING = 18, 10
ACCOUNT_HEAD = 30
SWEEPS = 6
MARK_GAP = 6
CHARACTER, BOLD = 7.7, 8.4
"""Width of a wide font's characters at 13 px; text that would be longer is cut."""


@dataclass(frozen=True)
class Box:
    """A node with its place and its lines of text."""

    key: str
    column: int
    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]
    title: str
    """All that the lines had to leave out."""
    marks: tuple[str, ...] = ()
    frame: int | None = None
    """Number of the account's frame around a role."""

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


@dataclass(frozen=True)
class Frame:
    """An account around its roles."""

    label: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Layout:
    boxes: Mapping[str, Box]
    frames: Sequence[Frame]
    width: float
    height: float


def layout(graph: Graph) -> Layout:
    """Boxes without overlap, each column over the whole height.

    The same graph gives the same places.
    """
    people, groups, roles = _ordered(graph)
    columns = [_column(0, people), _column(1, groups)]
    several_stacks = len({role.stack for role in roles}) > 1
    frames, role_boxes = _roles(roles, several_stacks=several_stacks)
    bottoms = [box.y + box.height for column in columns for box in column]
    frame_bottom = max((frame.y + frame.height for frame in frames), default=float(TOP))
    bottom = max([*bottoms, frame_bottom])
    if role_boxes:
        gap = (bottom - frame_bottom) / len(role_boxes)
        frames, role_boxes = _roles(roles, several_stacks=several_stacks, gap=gap)
    boxes = [box for column in columns for box in _spread(column, bottom)] + role_boxes
    width = MARGIN * 2 + sum(WIDTHS) + GAP_X * 2
    return Layout({box.key: box for box in boxes}, frames, width, bottom + MARGIN)


def _spread(column: Sequence[Box], bottom: float) -> list[Box]:
    """The column with its free space between the boxes, so that neighbours stay near."""
    if not column:
        return []
    free = bottom - column[-1].y - column[-1].height
    slot = free / len(column)
    return [replace(each, y=each.y + slot * (at + 0.5)) for at, each in enumerate(column)]


def _ordered(graph: Graph) -> tuple[list[People], list[Group], list[Role]]:
    people, groups, roles = list(graph.people), list(graph.groups), list(graph.roles)
    joined: dict[str, list[str]] = defaultdict(list)
    for edge in graph.edges:
        joined[edge.start].append(edge.end)
        joined[edge.end].append(edge.start)
    for _ in range(SWEEPS):
        columns: Sequence[Sequence[Node]] = (people, groups, roles)
        position = {node.key: at for column in columns for at, node in enumerate(column)}

        def mean(key: str, position: Mapping[str, int] = position) -> float:
            others = [position[other] for other in joined[key]]
            return sum(others) / len(others) if others else position[key]

        groups.sort(key=lambda node: (mean(node.key), node.key))
        # Roles stay with their account, and accounts with their stack.
        roles.sort(key=lambda node: (node.stack, node.account, mean(node.key), node.name))
        people.sort(key=lambda node: (mean(node.key), node.key))
    return people, groups, roles


def _column(number: int, nodes: Sequence[Node]) -> list[Box]:
    boxes, y = [], float(TOP)
    for node in nodes:
        box = _box(number, node, y, left(number), WIDTHS[number])
        boxes.append(box)
        y += box.height + GAP_Y
    return boxes


def _roles(
    roles: Sequence[Role], *, several_stacks: bool, gap: float = 0
) -> tuple[list[Frame], list[Box]]:
    """The accounts and the roles in them, each with `gap` more space below it."""
    frames: list[Frame] = []
    boxes, y = [], float(TOP)
    accounts: dict[tuple[str, str], list[Role]] = defaultdict(list)
    for role in roles:
        accounts[role.stack, role.account].append(role)
    for (stack, account), inside in accounts.items():
        top = y
        y += ACCOUNT_HEAD
        for role in inside:
            box = _box(2, role, y, left(2) + PADDING, WIDTHS[2] - 2 * PADDING)
            boxes.append(replace(box, frame=len(frames)))
            y += box.height + GAP_Y + gap
        label = f"{stack}: {account}" if several_stacks else account
        frames.append(Frame(label, left(2), top, WIDTHS[2], y - top - GAP_Y + PADDING))
        y += GAP_Y + PADDING
    return frames, boxes


def _box(column: int, node: Node, y: float, x: float, width: float) -> Box:
    height = 2 * PADDING + LINE * len(node.lines) - 4
    room = width - 2 * PADDING
    marks = sum(mark_width(mark) + MARK_GAP for mark in node.marks)
    first, *others = node.lines
    lines = (_cut(first, (room - marks) / BOLD), *(_cut(each, room / CHARACTER) for each in others))
    return Box(node.key, column, x, y, width, height, lines, node.title, node.marks)


def _cut(text: str, room: float) -> str:
    return text if len(text) <= room else f"{text[: max(int(room) - 1, 1)]}…"


def mark_width(mark: str) -> float:
    """The frame around a mark's word, which is set smaller."""
    return 7.4 * len(mark) + 16


def left(column: int) -> float:
    return MARGIN + sum(WIDTHS[:column]) + GAP_X * column
