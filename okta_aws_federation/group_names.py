"""Group names that say account and role, for Okta's group mapping, and how Okta reads them back.

Okta holds the name of each of a person's groups against the app's `groupFilter`, a regular
expression with the captures `(?{{accountid}}...)` and `(?{{role}}...)`, and puts what they caught
into `roleValuePattern`. Source: Okta help, "Connect Okta to multiple AWS accounts with groups".
"""

import re
from string import Template

DEFAULT_FILTER = r"aws_(?{{accountid}}\d+)_(?{{role}}[a-zA-Z0-9+=,.@\-_]+)"
"""What Okta writes into an app that is made by hand."""

DEFAULT_APP_FILTER = "okta"
"""`appFilter`: only groups that Okta itself masters are read."""

DEFAULT_NAME = "aws_${accountid}_${role}"


def group_name(template: str, account_id: str, role: str) -> str:
    """The name of the group whose members enter `role` of the account."""
    return Template(template).safe_substitute(accountid=account_id, role=role)


def parse_group_name(group_filter: str, name: str) -> tuple[str, str] | None:
    """Account id and role, as Okta reads them from a group's name; None if it is not a role group.

    The search is not anchored, because Okta's is not. Raises re.error for a filter that is no
    regular expression.
    """
    found = compile_group_filter(group_filter).search(name)
    if found is None or not {"accountid", "role"} <= found.groupdict().keys():
        return None
    return found["accountid"], found["role"]


def missing_capture(group_filter: str) -> str | None:
    """How the first capture begins that a filter does not have, such as `(?{{role}}`; or None."""
    captures = ("(?{{accountid}}", "(?{{role}}")
    return next((each for each in captures if each not in group_filter), None)


def compile_group_filter(group_filter: str) -> re.Pattern[str]:
    """The filter as a regular expression of Python, with Okta's captures as named groups."""
    return re.compile(re.sub(r"\(\?\{\{(\w+)\}\}", r"(?P<\1>", group_filter))
