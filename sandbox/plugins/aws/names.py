"""Names and permissions boundaries, which roles, users and policies have alike."""

from secrets import token_hex
from typing import Any

from sandbox.plugins.aws.service import Service
from sandbox.plugins.schema import Input, Values
from sandbox.plugins.validation import length, matching


def name_inputs(*, generated: int, longest: int) -> dict[str, Input]:
    """The rows of a type whose name is the program's, generated, or begins as the program wants."""
    valid = (length(1, longest), matching(r"[\w+=,.@-]"))
    return {
        "name": Input(generated=generated, replaces=True, computed=True, valid=valid),
        "namePrefix": Input(replaces=True, computed=True),
    }


def resource_name(inputs: Values) -> str:
    """The name of the program or a generated one, or one that begins as the program wants it."""
    return str(inputs.get("name") or f"{inputs['namePrefix']}{token_hex(13)}")


def boundary(entity: Values) -> str:
    """The ARN of what bounds a role or a user; empty if nothing does."""
    return str(entity.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", ""))


def change_boundary(iam: Service, kind: str, arn: str | None, **thing: Any) -> None:
    """Set or take away the boundary of a `Role` or `User`."""
    if arn:
        iam(f"Put{kind}PermissionsBoundary", PermissionsBoundary=arn, **thing)
    else:
        iam.if_exists(f"Delete{kind}PermissionsBoundary", **thing)
