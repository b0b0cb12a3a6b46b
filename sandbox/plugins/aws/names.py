"""Names and permissions boundaries, which roles, users and policies have alike."""

from secrets import token_hex
from typing import Any

from sandbox.plugins.aws.service import Service
from sandbox.plugins.values import Values


def chosen(inputs: Values) -> str:
    """The given or generated name, or one that begins as the program wants it."""
    return str(inputs.get("name") or f"{inputs['namePrefix']}{token_hex(13)}")


def boundary(found: Values) -> str:
    """The ARN of what bounds a role or a user; empty if nothing does."""
    return str(found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", ""))


def change_boundary(iam: Service, kind: str, arn: str | None, **thing: Any) -> None:
    """Set or take away the boundary of a `Role` or `User`."""
    if arn:
        iam(f"Put{kind}PermissionsBoundary", PermissionsBoundary=arn, **thing)
    else:
        iam.unless_gone(f"Delete{kind}PermissionsBoundary", **thing)
