"""What a question may name: one action that AWS has, and one resource."""

import click
from pydantic import TypeAdapter, ValidationError

from access.actions import validate_action
from settings.types import Arn

_ARN: TypeAdapter[str] = TypeAdapter(Arn)


class Action(click.ParamType[str]):
    """An action by its name, such as ec2:RunInstances."""

    name = "action"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if "*" in value or "?" in value:
            # Judged as a name it would fit no statement but a wider one, and be denied by mistake.
            self.fail(f"{value!r} stands for many actions; ask for one", param, ctx)
        if problem := validate_action(value):
            self.fail(f"{value!r} {problem}", param, ctx)
        return value


class Resource(click.ParamType[str]):
    """A resource by its ARN; `*` is what an action without resources is asked on."""

    name = "resource"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return value if value == "*" else _ARN.validate_python(value)
        except ValidationError:
            self.fail(
                f"{value!r} must be the ARN of one resource, such as arn:aws:s3:::reports/2026.csv",
                param,
                ctx,
            )


ACTION, RESOURCE = Action(), Resource()
