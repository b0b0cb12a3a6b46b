"""Names and permissions boundaries, which roles, users and policies have alike."""

from typing import Any

from sandbox.plugins.aws.service import Service
from sandbox.plugins.schema import Input, Values
from sandbox.plugins.validation import length, matching


def name_inputs(*, generated: int, longest: int) -> dict[str, Input]:
    """The rows of a type whose name is the program's or generated."""
    valid = (length(1, longest), matching(r"[\w+=,.@-]"))
    return {
        "name": Input(generated=generated, replaces=True, computed=True, valid=valid),
        "namePrefix": Input(replaces=True, computed=True, supported=False),
    }


def boundary(entity: Values) -> str:
    """The ARN of what bounds a role or a user; empty if nothing does."""
    return str(entity.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", ""))


def change_boundary(iam: Service, kind: str, arn: str | None, **thing: Any) -> None:
    """Set or take away the boundary of a `Role` or `User`."""
    if arn:
        iam(f"Put{kind}PermissionsBoundary", PermissionsBoundary=arn, **thing)
    else:
        iam.if_exists(f"Delete{kind}PermissionsBoundary", **thing)
