"""The JSON Schema of a stack file, so that an editor completes and checks it.

`python -m settings.schema` prints it; `docs/reference/stack.schema.json` holds it.
"""

import json
from typing import Any

from settings.errors import PROJECT
from settings.stack import Settings


def stack_file_schema() -> dict[str, Any]:
    """The schema of `Pulumi.<stack>.yaml`. Keys of other projects are none of its business."""
    schema = Settings.model_json_schema()
    definitions = schema.pop("$defs")
    known = sorted(schema["properties"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A stack file of {PROJECT}",
        "type": "object",
        "properties": {
            "config": {
                "type": "object",
                "properties": {
                    f"{PROJECT}:{key}": _or_text(schema["properties"][key]) for key in known
                },
                "patternProperties": {f"^{PROJECT}:(?!(?:{'|'.join(known)})$)": False},
                "required": [f"{PROJECT}:{key}" for key in schema["required"]],
            }
        },
        "$defs": definitions,
    }


def _or_text(key: dict[str, Any]) -> dict[str, Any]:
    """A section, or the JSON text of it that `pulumi config set` writes: the reader takes both."""
    kind = key.get("type", "object")
    if kind == "string":
        return key
    pattern = {"boolean": r"^\s*(true|false)\s*$", "array": r"^\s*\["}.get(kind, r"^\s*\{")
    about = {name: key[name] for name in ("description", "default", "title") if name in key}
    section = {name: value for name, value in key.items() if name not in about}
    return about | {"if": {"type": "string"}, "then": {"pattern": pattern}, "else": section}


def text() -> str:
    """The schema, JSON, always in the same order."""
    return json.dumps(stack_file_schema(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    print(text(), end="")
