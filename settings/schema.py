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
                "properties": {f"{PROJECT}:{key}": schema["properties"][key] for key in known},
                "patternProperties": {f"^{PROJECT}:(?!(?:{'|'.join(known)})$)": False},
                "required": [f"{PROJECT}:{key}" for key in schema["required"]],
            }
        },
        "$defs": definitions,
    }


def text() -> str:
    return json.dumps(stack_file_schema(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    print(text(), end="")
