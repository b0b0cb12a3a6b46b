"""`python -m tests.integration.policies.terraform FOLDER STATE ...`: the project as Terraform HCL.

checkov reads no Pulumi program. So the project is run under Pulumi's mocks, once for each rule that
it is to break, and what it asks AWS for is written to FOLDER/STATE/main.tf.
"""

import asyncio
import json
import re
import runpy
import sys
from pathlib import Path
from typing import Any

import pulumi

PROJECT = Path(__file__).parent / "project" / "__main__.py"
ACCOUNT = "123456789012"
KEPT = "nothing"
"""The state in which every rule is kept."""


class Recorder(pulumi.runtime.Mocks):
    """Writes down what is asked of IAM; an output is a reference, as Terraform has them."""

    def __init__(self) -> None:
        self.blocks: list[str] = []

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        iam = re.fullmatch(r"aws:iam/\w+:(\w+)", args.typ)
        if iam is None:
            return f"{args.name}-id", {**args.inputs, "metadata": "<md:EntityDescriptor/>"}
        kind = f"aws_iam_{snake_case(iam[1])}"
        self.blocks.append(block(kind, args.name, args.inputs))
        outputs = {name: f"${{{kind}.{args.name}.{name}}}" for name in ("arn", "name", "id")}
        return outputs["id"], {**args.inputs, **outputs}

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
        raise AssertionError(f"unplanned look-up: {args.token}")


def block(kind: str, name: str, inputs: dict[str, Any]) -> str:
    """A resource in HCL, of which JSON's values are a part."""
    lines = (f"  {snake_case(key)} = {json.dumps(value)}\n" for key, value in inputs.items())
    return f'resource "{kind}" "{name}" {{\n{"".join(lines)}}}\n'


def snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def written(broken: str) -> str:
    """The project in one state. Raises what the project raises."""
    asyncio.set_event_loop(asyncio.new_event_loop())
    recorder = Recorder()
    pulumi.runtime.set_mocks(recorder, "federation", "test", preview=False)
    config = {"federation:account": ACCOUNT, "federation:broken": broken}
    pulumi.runtime.set_all_config(config)
    pulumi.runtime.test(lambda: runpy.run_path(str(PROJECT), run_name="__main__") and None)()
    return "\n".join(recorder.blocks)


def main() -> None:
    folder, states = Path(sys.argv[1]), sys.argv[2:]
    for state in states:
        place = folder / state
        place.mkdir(parents=True)
        (place / "main.tf").write_text(written("" if state == KEPT else state))


if __name__ == "__main__":
    main()
