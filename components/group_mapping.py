"""How Okta reads account and role from the names of groups."""

from dataclasses import dataclass

from okta_aws_federation.group_names import DEFAULT_APP_FILTER, DEFAULT_FILTER, missing_capture

from .errors import InvalidArgs


@dataclass(frozen=True, kw_only=True)
class GroupMapping:
    """Okta reads account and role from the names of a person's groups. Raises InvalidArgs."""

    group_filter: str = DEFAULT_FILTER
    """Okta's expression with the captures `(?{{accountid}}...)` and `(?{{role}}...)`."""

    role_path: str = "/"
    """The path of every role in IAM, since a group's name has none."""

    app_filter: str = DEFAULT_APP_FILTER
    """From where the groups come whose names are read: `okta`, `active_directory`, with commas."""

    def __post_init__(self) -> None:
        if capture := missing_capture(self.group_filter):
            raise InvalidArgs(f"group_filter must capture {capture}...), not {self.group_filter!r}")
