"""How Okta reads account and role from the names of groups."""

from dataclasses import dataclass

from .errors import InvalidArgs

GROUP_FILTER = r"aws_(?{{accountid}}\d+)_(?{{role}}[a-zA-Z0-9+=,.@\-_]+)"
"""What Okta fills in when an app is made by hand."""


@dataclass(frozen=True, kw_only=True)
class GroupMapping:
    """Okta reads account and role from the names of a person's groups."""

    group_filter: str = GROUP_FILTER
    """The expression with the captures `(?{{accountid}}...)` and `(?{{role}}...)`."""

    role_path: str = "/"
    """The path of every role in IAM, since a group's name holds none."""

    def __post_init__(self) -> None:
        for capture in ("(?{{accountid}}", "(?{{role}}"):
            if capture not in self.group_filter:
                raise InvalidArgs(
                    f"group_filter must capture {capture}...), not {self.group_filter!r}"
                )
