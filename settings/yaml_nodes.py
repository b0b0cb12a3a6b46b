"""YAML as the Pulumi engine reads it, with the line of every value.

The engine parses stack files with `gopkg.in/yaml.v3`, and its rules for plain scalars are those of
`resolve.go` there: only `true` and `false` (and `True`, `TRUE`, ...) are booleans, `yes` and `on`
are texts, `0777` is octal, `1_000` a number, `12:30` a text, `2026-12-31` a moment. Programs that
read YAML 1.1 see other values, so a scalar of which the readers differ is reported here with what
to write instead; what is left has one meaning.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import yaml

from settings.errors import ConfigError

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml, of which yaml.v3 is a port, where PyYAML was built with it."""

MAX_DEPTH = 64
MAX_ALIASED_VALUES = 100_000

BOOLEANS = {text: text.lower() == "true" for word in ("true", "false") for text in
            (word, word.title(), word.upper())}  # fmt: skip
NULLS = ("", "~", "null", "Null", "NULL")
YAML_1_1_BOOLEAN = re.compile(r"yes|no|on|off", re.IGNORECASE)
INTEGER = re.compile(r"-?(0|[1-9]\d{0,17})", re.ASCII)
DECIMAL = re.compile(r"-?(0|[1-9]\d*)\.\d*[1-9]", re.ASCII)
NUMBER_IN_SOME_READER = re.compile(
    r"[-+]?(0[bB][01_]+|0[oO]?[0-7_]+|0[xX][\da-fA-F_]+|\.?\d[\d_]*(\.[\d_]*)?([eE][-+]?\d+)?"
    r"|\d[\d_]*(:[0-5]?\d)+(\.[\d_]*)?|\.(inf|Inf|INF|nan|NaN|NAN))",
    re.ASCII,
)
DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
MOMENT = re.compile(
    r"(\d{4}-\d{1,2}-\d{1,2})(?:[Tt]|[ \t]+)\d{1,2}:\d{1,2}(:\d{1,2})?(\.\d*)?"
    r"[ \t]*(Z|[-+]\d{1,2}(:?\d{2})?)?",
    re.ASCII,
)
ENGINE_DAY = " 00:00:00 +0000 UTC"
"""How the engine ends the text that it makes of a plain `2026-12-31`."""


class UnreadableYaml(ValueError):
    """A text that has no values: `line` is where it ends to be YAML."""

    def __init__(self, problem: str, line: int) -> None:
        super().__init__(problem)
        self.line = line


@dataclass
class Node:
    """One value of the file. `content` is a text, a list of nodes, or a list of pairs of nodes."""

    kind: str
    line: int
    content: Any = ""
    plain: bool = False
    closed: bool = True


@dataclass
class Reading:
    """What a file holds."""

    values: Any = None
    lines: dict[str, int] = field(default_factory=dict)
    """Path of a value, with dots -> line."""
    source_texts: dict[str, str] = field(default_factory=dict)
    """Path of a value that the engine turns into another text -> as it stands in the file."""
    scalars: dict[str, Any] = field(default_factory=dict)
    """Path of a value that is no list and no mapping -> the value."""
    errors: list[ConfigError] = field(default_factory=list)


def read(text: str) -> Reading:
    """The values of a text. Raises UnreadableYaml where nothing can be read at all."""
    try:
        root = compose(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = str(error.problem or error.context or error)
        raise UnreadableYaml(problem, mark.line + 1 if mark else 1) from None
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        raise UnreadableYaml(" ".join(str(error).split()), 1) from None
    reading = Reading()
    if root is not None:
        reading.values = Constructor(reading).value(root, "")
    return reading


def compose(text: str) -> Node | None:
    """The one document of a text, as nodes. Without recursion: nesting is the file's to choose."""
    root: Node | None = None
    anchors: dict[str, Node] = {}
    open_nodes: list[Node] = []
    for event in yaml.parse(text, Loader=LOADER):
        if isinstance(event, yaml.DocumentStartEvent) and event.version not in (None, (1, 1)):
            version = ".".join(map(str, event.version))
            problem = f"%YAML {version}: Pulumi takes no other version than 1.1; take the line out"
            raise UnreadableYaml(problem, event.start_mark.line + 1)
        if isinstance(event, yaml.DocumentStartEvent) and root is not None:
            line = event.start_mark.line + 1
            raise UnreadableYaml("a second document begins; Pulumi reads only the first", line)
        if isinstance(event, yaml.CollectionEndEvent):
            open_nodes.pop().closed = True
            continue
        if not isinstance(event, yaml.NodeEvent):
            continue
        node = node_of(event, anchors)
        if open_nodes:
            open_nodes[-1].content.append(node)
        elif root is None:
            root = node
        if isinstance(event, yaml.CollectionStartEvent):
            open_nodes.append(node)
            if len(open_nodes) > MAX_DEPTH:
                raise UnreadableYaml(f"is nested more than {MAX_DEPTH} levels deep", node.line)
    return root


def node_of(event: Any, anchors: dict[str, Node]) -> Node:
    """The node that an event begins; of an alias, the one that it names."""
    line = event.start_mark.line + 1
    if isinstance(event, yaml.AliasEvent):
        target = anchors.get(event.anchor)
        if target is None:
            raise UnreadableYaml(f"*{event.anchor} names no anchor before it", line)
        if not target.closed:
            raise UnreadableYaml(f"*{event.anchor} contains itself", line)
        return Node("alias", line, target)
    if isinstance(event, yaml.ScalarEvent):
        plain = event.implicit[0] and event.style in (None, "")
        node = Node("scalar", line, event.value, plain=plain)
        quoted_or_plain = event.tag in (None, "!", "tag:yaml.org,2002:str")
    else:
        kind = "list" if isinstance(event, yaml.SequenceStartEvent) else "mapping"
        node = Node(kind, line, [], closed=False)
        quoted_or_plain = event.tag is None
    if not quoted_or_plain:
        raise UnreadableYaml(f"the tag {event.tag} is not supported; write the value alone", line)
    if event.anchor:
        anchors[event.anchor] = node
    return node


class Constructor:
    """Makes values of nodes, and notes in `reading` where they are and what is wrong with them."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.aliased = 0

    def value(self, node: Node, path: str, via_alias: int | None = None) -> Any:
        """The value of a node; `via_alias` is the line of the alias that it is reached by."""
        while node.kind == "alias":
            via_alias, node = via_alias or node.line, node.content
        line = via_alias or node.line
        if via_alias:
            self.aliased += 1
            if self.aliased > MAX_ALIASED_VALUES:
                raise UnreadableYaml("aliases repeat too many values; write them out", line)
        self.reading.lines[path] = line
        if node.kind == "scalar":
            value = self.reading.scalars[path] = self.scalar(node, path, line)
            return value
        if node.kind == "list":
            return [
                self.value(each, join(path, str(number)), via_alias)
                for number, each in enumerate(node.content)
            ]
        return self.mapping(node, path, via_alias)

    def scalar(self, node: Node, path: str, line: int) -> Any:
        text: str = node.content
        if any("\ud800" <= each <= "\udfff" for each in text):
            self.report(path, line, text, "holds half a character", "write the whole one")
        if not node.plain:
            return text
        if text in NULLS:
            return None
        if text in BOOLEANS:
            return BOOLEANS[text]
        if INTEGER.fullmatch(text):
            return int(text)
        if DECIMAL.fullmatch(text) and len(text) <= 16:
            return float(text)
        if DAY.fullmatch(text):
            return self.day(text, path, line)
        if reason := ambiguity(text):
            self.report(path, line, text, *reason)
        return text

    def day(self, text: str, path: str, line: int) -> str:
        """A day comes out of the engine as a moment; where a day is meant, that is read back."""
        try:
            year, month, day = map(int, text.split("-"))
            read = date(year, month, day)
        except ValueError:
            return text  # yaml.v3 takes it for a text, too
        self.reading.source_texts[path] = text
        return f"{read}{ENGINE_DAY}"

    def mapping(self, node: Node, path: str, via_alias: int | None) -> dict[str, Any]:
        values: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key_node, value_node in pairs(node):
            line = via_alias or key_node.line
            key = "<<" if is_merge(key_node) else self.key(key_node, path, line)
            if key in lines:
                rule = f"is in the file twice, in lines {lines[key]} and {line}"
                self.report(join(path, key), line, None, rule, "make one of the two")
                continue
            lines[key] = line
            if is_merge(key_node):
                continue
            values[key] = self.value(value_node, join(path, key), via_alias)
            self.reading.lines[join(path, key)] = line
        for key_node, value_node in pairs(node):
            if is_merge(key_node):
                for merged in self.merged(value_node):
                    values = self.value(merged, path, via_alias or key_node.line) | values
        self.reading.lines[path] = via_alias or node.line
        return values

    def merged(self, node: Node) -> Iterator[Node]:
        """The mappings that `<<` names; of two with one key, the first counts."""
        target = node.content if node.kind == "alias" else node
        each = [target] if target.kind == "mapping" else target.content
        for one in each if target.kind != "scalar" else [target]:
            mapping = one.content if one.kind == "alias" else one
            if mapping.kind != "mapping":
                raise UnreadableYaml("<< must name a mapping", node.line)
            yield mapping

    def key(self, node: Node, path: str, line: int) -> str:
        node = node.content if node.kind == "alias" else node
        if node.kind != "scalar":
            raise UnreadableYaml("a key must be a text", line)
        text: str = node.content
        exact = INTEGER.fullmatch(text) or (DECIMAL.fullmatch(text) and len(text) <= 16)
        if node.plain and not exact:
            if text in NULLS or text in BOOLEANS or DAY.fullmatch(text):
                rule = "is a key that readers of YAML take for something else than a text"
                self.report(join(path, text), line, None, rule, in_quotes(text))
            elif reason := ambiguity(text):
                rule = f"is a key that {reason[0]}"
                self.report(join(path, text), line, None, rule, in_quotes(text))
        return text

    def report(self, key: str, line: int, value: str | None, rule: str, fix: str) -> None:
        self.reading.errors.append(ConfigError(key, rule, fix, value, line))


def ambiguity(text: str) -> tuple[str, str] | None:
    """Why a plain scalar is not the same to every reader of YAML, and what to write instead."""
    if YAML_1_1_BOOLEAN.fullmatch(text):
        return (
            "is a boolean to some readers of YAML, and a text to Pulumi",
            f"write true or false, or {in_quotes(text)}",
        )
    if MOMENT.fullmatch(text):
        return "is turned into another text by Pulumi, since it is a timestamp", in_quotes(text)
    if NUMBER_IN_SOME_READER.fullmatch(text):
        return (
            "is a number that readers of YAML take for different values",
            f"write its digits alone, or {in_quotes(text)}",
        )
    return None


def walk(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """A value and every value in it, each with its path."""
    yield path, value
    inside = value.items() if isinstance(value, Mapping) else ()
    for key, inner in enumerate(value) if isinstance(value, list) else inside:
        yield from walk(inner, (*path, str(key)))


def in_quotes(text: str) -> str:
    """The fix for a scalar that readers of YAML take for different values."""
    return f'put it in quotes: "{text}"'


def is_merge(node: Node) -> bool:
    return node.kind == "scalar" and node.plain and node.content == "<<"


def pairs(node: Node) -> Iterator[tuple[Node, Node]]:
    return zip(node.content[::2], node.content[1::2], strict=True)


def join(path: str, key: str) -> str:
    """The path of a key or list number below another path."""
    return f"{path}.{key}" if path else key
