"""Write the reference from the code: components, a stack's outputs, and the schemas of both ends.

`python -m tools.reference` writes; a test holds the files to what it would write.
"""

import ast
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter, with_config

from okta_aws_federation import stack_outputs
from settings import schema
from tools.stack_file_page import stack_file_page

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "docs" / "reference"
LIBRARY = "okta_aws_federation"
COMPONENTS = {
    "OktaAwsApp": "okta_aws_app",
    "FederatedRole": "federated_role",
    "ProvisioningUser": "provisioning_user",
    "AccessGroup": "access_group",
    "SamlIdentityProvider": "saml_identity_provider",
}


def files() -> dict[Path, str]:
    """Every generated file and what it holds."""
    pages = {
        HERE / "components" / f"{name}.md": page(name, module)
        for name, module in COMPONENTS.items()
    }
    return {
        **pages,
        HERE / "stack.schema.json": schema.text(),
        HERE / "stack-file.md": stack_file_page(),
        HERE / "outputs.md": outputs_page(),
        HERE / "outputs.schema.json": outputs_schema(),
    }


def page(name: str, module: str) -> str:
    trees = dict(modules(module))
    args = [c for t in trees.values() for c in classes(t) if c.name == f"{name}Args"]
    nested = [c for t in trees.values() for c in classes(t) if is_data(c) and c not in args]
    [component] = [c for c in classes(trees[f"components/{module}"]) if c.name == name]
    sections = [
        f"# {name}\n",
        f"{ast.get_docstring(trees[f'components/{module}'])}\n",
        "<!-- Written by `python -m tools.reference` from the code. -->\n",
        "## Example\n",
        f"<!-- runs: mocks -->\n```python\n{example(name)}```\n",
        "## Inputs\n",
        *(inputs(each) for each in [*args, *nested]),
        "## Outputs\n",
        table(("output", "type", "meaning"), outputs(component)),
        "## Children\n",
        "Every child is named after the component. In a part in braces, `-` is written `~1` and\n"
        "`~` is written `~0`, where it could be confused with what separates the part.\n",
        table(("resource", "name"), sorted(set(children(trees)))),
        "## Refusals\n",
        *(f"- {message}" for message in sorted(set(refusals(trees)))),
    ]
    return "\n".join(sections) + "\n"


def example(name: str) -> str:
    """A whole program that uses the component; a test runs the page's copy under mocks."""
    return (Path(__file__).parent / "component_examples" / f"{name}.py").read_text()


def outputs_page() -> str:
    source = {name: parsed(f"{LIBRARY}/{name}.py") for name in ("stack_outputs", "stack_reference")}
    [everything] = classes(source["stack_outputs"])
    [federation] = [
        each for each in classes(source["stack_reference"]) if each.name == "Federation"
    ]
    sections = [
        "# Outputs of a stack\n",
        f"{ast.get_docstring(source['stack_reference'])}\n",
        "<!-- Written by `python -m tools.reference` from the code. -->\n",
        f"## Outputs of version {stack_outputs.VERSION}\n",
        table(("output", "type", "meaning"), outputs(everything)),
        "## What a consumer reads\n",
        table(("Federation", "answers", "meaning"), list(readings(federation))),
        "## Refusals\n",
        *(f"- {message}" for message in sorted(set(refusals(source)))),
    ]
    return "\n".join(sections) + "\n"


def readings(node: ast.ClassDef) -> Iterator[tuple[str, ...]]:
    """A class's public properties and methods, as they are called."""
    for each in node.body:
        if isinstance(each, ast.FunctionDef) and not each.name.startswith("_") and each.returns:
            named = ", ".join(argument.arg for argument in each.args.args[1:])
            call = f"`{each.name}({named})`" if named else f"`{each.name}`"
            yield (
                call,
                code(ast.unparse(each.returns)),
                " ".join(str(ast.get_docstring(each)).split()),
            )


def outputs_schema() -> str:
    with_docstrings = with_config(ConfigDict(use_attribute_docstrings=True))
    with_docstrings(stack_outputs.Outputs)
    document = TypeAdapter(stack_outputs.Outputs).json_schema()
    document["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def parsed(name: str) -> ast.Module:
    return ast.parse((ROOT / name).read_text())


def modules(name: str) -> Iterator[tuple[str, ast.Module]]:
    """A component's module, and those of its package and of the library that it is made of; what
    another component is made of is on that one's page."""
    others = {f"components/{each}" for each in {*COMPONENTS.values(), "errors"} - {name}}
    seen: dict[str, ast.Module] = {}
    waiting = [f"components/{name}"]
    while waiting:
        current = waiting.pop()
        if current in seen or current in others:
            continue
        seen[current] = parsed(f"{current}.py")
        for node in ast.walk(seen[current]):
            if isinstance(node, ast.ImportFrom) and current.startswith("components/"):
                waiting += imported(node)
    yield from seen.items()


def imported(node: ast.ImportFrom) -> list[str]:
    """The files, without `.py`, that an import statement of a component reads."""
    if node.level:
        names = [node.module] if node.module else [each.name for each in node.names]
        return [f"components/{name}" for name in names]
    if node.module == f"{LIBRARY}.trust_policy":
        return [f"{LIBRARY}/trust_policy"]
    return []


def classes(tree: ast.Module) -> list[ast.ClassDef]:
    return [node for node in tree.body if isinstance(node, ast.ClassDef)]


def is_data(node: ast.ClassDef) -> bool:
    return any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list)


def documented(node: ast.ClassDef) -> Iterator[tuple[ast.AnnAssign, str]]:
    """A class's annotated attributes, each with the docstring that stands under it."""
    for attribute, below in zip(node.body, [*node.body[1:], None], strict=True):
        if isinstance(attribute, ast.AnnAssign):
            yield attribute, docstring_of(below)


def docstring_of(node: ast.stmt | None) -> str:
    text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and node.value.value
    return " ".join(str(text).split()) if text else ""


def inputs(node: ast.ClassDef) -> str:
    rows = [
        (
            f"`{ast.unparse(attribute.target)}`",
            code(ast.unparse(attribute.annotation)),
            default(attribute.value),
            meaning,
        )
        for attribute, meaning in documented(node)
    ]
    heading = f"### {node.name}\n"
    about = ast.get_docstring(node)
    if about and not about.startswith(f"{node.name}("):
        heading += f"\n{about}\n"
    return heading + "\n" + table(("input", "type", "default", "meaning"), rows)


def default(value: ast.expr | None) -> str:
    if value is None:
        return "required"
    if isinstance(value, ast.Call) and ast.unparse(value.func) == "field":
        made = ast.unparse(value.keywords[0].value)
        return "`{}`" if made == "dict" else f"`{made}()`"
    return code(ast.unparse(value))


def outputs(node: ast.ClassDef) -> list[tuple[str, ...]]:
    return [
        (f"`{ast.unparse(each.target)}`", code(ast.unparse(each.annotation)), meaning)
        for each, meaning in documented(node)
    ]


def children(trees: dict[str, ast.Module]) -> Iterator[tuple[str, ...]]:
    """Resources whose first argument is the component's name with a suffix, or a `child_name`."""
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args:
                kind, first = ast.unparse(node.func), node.args[0]
                if name := logical_name(first, kind):
                    yield f"`{kind}`", f"`{name}`"


def logical_name(node: ast.expr, kind: str) -> str | None:
    """A child's name as the code composes it; None for an expression that is no such name."""
    if isinstance(node, ast.Name) and node.id == "own" and kind == "SamlProvider":
        return "NAME-{ACCOUNT}-{PROVIDER}"
    if isinstance(node, ast.JoinedStr):
        name = template(node)
        return name if name.startswith("NAME-") else None
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "child_name":
        part = ast.unparse(node.args[1]).rpartition(".")[2].upper()
        separator = str(ast.literal_eval(node.args[2])) if len(node.args) > 2 else "-"
        suffix = "".join(str(ast.literal_eval(each.value)) for each in node.keywords)
        return f"NAME{separator}{{{part}}}{suffix}"
    return None


def template(text: ast.JoinedStr) -> str:
    parts = [
        str(part.value) if isinstance(part, ast.Constant) else ast.unparse(part)
        for part in text.values
    ]
    return "".join(
        {"{name}": "NAME"}.get(part, part.upper() if part.startswith("{") else part)
        for part in parts
    )


def refusals(trees: dict[str, ast.Module]) -> Iterator[str]:
    """What a component says no with: what it raises, or what is a fault, with the values open."""
    for tree in trees.values():
        for node in ast.walk(tree):
            call = node.exc if isinstance(node, ast.Raise) else node
            if not isinstance(call, ast.Call) or not call.args:
                continue
            if isinstance(node, ast.Raise):
                yield from text_of(call.args[0])
            elif ast.unparse(call.func) == "Fault":
                yield "; ".join(text for each in call.args for text in text_of(each))


def text_of(message: ast.expr) -> Iterator[str]:
    """A text of the source, with its values left open; of another expression nothing."""
    if isinstance(message, ast.JoinedStr):
        parts = message.values
        yield "".join(str(p.value) if isinstance(p, ast.Constant) else "…" for p in parts)
    elif isinstance(message, ast.Constant):
        yield str(message.value)


def code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


if __name__ == "__main__":
    for path, content in files().items():
        path.write_text(content)
