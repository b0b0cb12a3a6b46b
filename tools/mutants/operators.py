"""The mistakes: what an expression or a statement is exchanged for."""

import ast
import copy
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from os.path import commonprefix
from typing import Any

SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
FUNCTIONS = {"min": "max", "max": "min", "any": "all", "all": "any"}
UNWRAPPED = {"sorted", "secret", "unsecret", "frozenset", "set"}
"""Calls that are left out, so that their argument remains: an order, a secret."""
SDK_OUTPUTS = {"id": "urn", "arn": "id", "name": "id", "secret": "id"}
"""Output of a provider's resource -> another of its outputs."""
ERRORS = ("InvalidArgs", "RunError", "ConfigError", "invalid")
"""Calls whose strings are for people to read."""


@dataclass(frozen=True)
class Mutant:
    """One mistake in one file."""

    path: str
    line: int
    first_line: int
    """Where the innermost function begins, as its code object has it; 0 outside of functions."""
    old: str
    new: str
    source: str
    """The file with the mistake."""


def sibling_fields(trees: Iterable[ast.AST]) -> dict[str, list[str]]:
    """Field -> the next one of its class with the same type, in each class that has the field."""
    siblings: defaultdict[str, list[str]] = defaultdict(list)
    for tree in trees:
        for node in ast.walk(tree):
            if not isinstance(node, ast.ClassDef):
                continue
            types: defaultdict[str, list[str]] = defaultdict(list)
            for each in node.body:
                if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
                    types[ast.unparse(each.annotation)].append(each.target.id)
                elif isinstance(each, ast.FunctionDef) and each.decorator_list and each.returns:
                    types[ast.unparse(each.returns)].append(each.name)
            for names in types.values():
                for one, other in pairwise([*names, names[0]]):
                    if one != other and other not in siblings[one]:
                        siblings[one].append(other)
    return siblings


def mutants(path: str, source: str, siblings: dict[str, list[str]]) -> Iterator[Mutant]:
    """All mistakes of a file, in the order of its lines."""
    tree = ast.parse(source)
    for parent, field, index, node, scope in slots(tree, None):
        for new in alternatives(node, scope, siblings):
            container = getattr(parent, field)
            if index is None:
                setattr(parent, field, new)
            else:
                container[index] = new
            mutated = ast.unparse(ast.fix_missing_locations(tree))
            if index is None:
                setattr(parent, field, node)
            else:
                container[index] = node
            line = getattr(node, "lineno", getattr(parent, "lineno", 0))
            texts = shortened(ast.unparse(node), ast.unparse(new))
            yield Mutant(path, line, begin(scope), *texts, mutated)


def shortened(old: str, new: str) -> tuple[str, str]:
    """Two long texts from a little before where they differ to a little after."""
    before = len(commonprefix([old, new])) - 40  # noqa: RUF071
    after = len(commonprefix([old[::-1], new[::-1]])) - 40  # noqa: RUF071
    begin, end = max(0, before), max(0, min(after, min(len(old), len(new)) - before - 40))
    return (
        "..." * (begin > 0) + old[begin : len(old) - end] + "..." * (end > 0),
        "..." * (begin > 0) + new[begin : len(new) - end] + "..." * (end > 0),
    )


def begin(scope: ast.FunctionDef | None) -> int:
    """`co_firstlineno` of a function: that of its first decorator."""
    return min([scope.lineno, *(each.lineno for each in scope.decorator_list)]) if scope else 0


Slot = tuple[ast.AST, str, int | None, ast.AST, ast.FunctionDef | None]


def slots(parent: ast.AST, scope: ast.FunctionDef | None) -> Iterator[Slot]:
    """Each node with where it hangs in the tree, but for types, docstrings and prose."""
    for field, value in ast.iter_fields(parent):
        if field in ("annotation", "returns", "decorator_list", "type_params", "bases"):
            continue
        inner = parent if isinstance(parent, ast.FunctionDef) and field == "body" else scope
        for index, node in enumerate(value if isinstance(value, list) else [value]):
            if not isinstance(node, ast.AST) or is_prose(node):
                continue
            yield parent, field, index if isinstance(value, list) else None, node, inner
            yield from slots(node, inner)


def is_prose(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return ast.unparse(node.func).rpartition(".")[2] in ERRORS
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0]) == "__all__"
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value


def alternatives(
    node: ast.AST, scope: ast.FunctionDef | None, siblings: dict[str, list[str]]
) -> Iterator[ast.AST]:
    """What a node can be mistaken for."""
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in SWAPS:
            yield changed(node, ops=[SWAPS[type(operator)]()])
        case ast.BinOp(op=operator) if type(operator) in SWAPS:
            yield changed(node, op=SWAPS[type(operator)]())
        case ast.BoolOp():
            yield changed(node, op=ast.And() if isinstance(node.op, ast.Or) else ast.Or())
            yield from node.values
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.IfExp():
            yield changed(node, body=node.orelse, orelse=node.body)
        case ast.If(test=test) if not isinstance(test, ast.Compare | ast.BoolOp | ast.UnaryOp):
            yield changed(node, test=ast.UnaryOp(ast.Not(), test))
        case ast.comprehension(ifs=[_, *_]):
            yield changed(node, ifs=[])
        case ast.Constant(value=bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(value=int() as value):
            yield ast.Constant(value + 1)
        case ast.Constant(value=str() as value):
            yield ast.Constant(value + "X")
        case ast.List(elts=[_, *_]) | ast.Set(elts=[_, _, *_]):
            yield from (changed(node, elts=without(node.elts, n)) for n in range(len(node.elts)))
        case ast.Dict():
            for n in range(len(node.keys)):
                yield changed(node, keys=without(node.keys, n), values=without(node.values, n))
            yield from (changed(node, values=values) for values in swapped(node.values))
        case ast.Call():
            yield from calls(node)
        case ast.Attribute(ctx=ast.Load()):
            names = siblings.get(node.attr, [])
            other = [SDK_OUTPUTS[node.attr]] if node.attr in SDK_OUTPUTS else []
            yield from (changed(node, attr=name) for name in dict.fromkeys([*names, *other]))
        case ast.Name(ctx=ast.Load()) if scope:
            arguments = [*scope.args.args, *scope.args.kwonlyargs]
            types = {each.arg: ast.dump(each.annotation) for each in arguments if each.annotation}
            alike = [name for name in types if types[name] == types.get(node.id)]
            yield from (ast.Name(name) for name in alike if name != node.id)
        case ast.Return(value=value) if value is not None and ast.unparse(value) != "None":
            yield ast.Return(ast.Constant(None))
        case ast.Raise() | ast.Continue() | ast.Expr(value=ast.Call()):
            yield ast.Pass()


def calls(node: ast.Call) -> Iterator[ast.AST]:
    name = ast.unparse(node.func).rpartition(".")[2]
    if name in UNWRAPPED and node.args and not isinstance(node.args[0], ast.Set):
        yield node.args[0]
    if name in FUNCTIONS and isinstance(node.func, ast.Name):
        yield changed(node, func=ast.Name(FUNCTIONS[name]))
    yield from (changed(node, args=arguments) for arguments in swapped(node.args))
    yield from (
        changed(node, keywords=without(node.keywords, n)) for n in range(len(node.keywords))
    )
    for values in swapped([each.value for each in node.keywords]):
        pairs = zip(node.keywords, values, strict=True)
        yield changed(node, keywords=[ast.keyword(each.arg, value) for each, value in pairs])


def swapped(values: list[ast.expr]) -> Iterator[list[ast.expr]]:
    """The values with two neighbours exchanged, if they are of one kind."""
    for n, (one, other) in enumerate(pairwise(values)):
        if type(one) is type(other) and ast.dump(one) != ast.dump(other):
            yield [*values[:n], other, one, *values[n + 2 :]]


def without(values: list[Any], index: int) -> list[Any]:
    return values[:index] + values[index + 1 :]


def changed(node: Any, **fields: Any) -> Any:
    new = copy.copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new
