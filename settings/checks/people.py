"""Logins as AWS takes them: a person's name in the app becomes the role session name.

Source: STS API Reference, AssumeRoleWithSAML and AssumeRole (RoleSessionName).
"""

import re
from collections.abc import Iterator

from settings.errors import ConfigError
from settings.stack import Settings
from settings.types import IAM_NAME, IAM_NAME_RULE

SESSION_NAME = re.compile(f"{IAM_NAME}{{2,64}}", re.ASCII)


def logins_are_session_names(stack: Settings) -> Iterator[ConfigError]:
    """Without a format of its own, the app sends the login."""
    for key, login in logins(stack) if stack.app.user_name_template is None else ():
        if not SESSION_NAME.fullmatch(login):
            yield ConfigError(
                key,
                f"must be usable as role session name: 2 to 64 {IAM_NAME_RULE}",
                "use another login for this person, or say in app.userNameTemplate what is sent",
                login,
            )


def logins(stack: Settings) -> Iterator[tuple[str, str]]:
    """Every login of the file, and where it stands."""
    for name, group in stack.groups.items():
        for number, login in enumerate(group.members):
            yield f"groups.{name}.members.{number}", login
        for login in group.temporary:
            yield f"groups.{name}.temporary.{login}", login
    for login in stack.people:
        yield f"people.{login}", login
    for number, expected in enumerate(stack.expect):
        if expected.user is not None:
            yield f"expect.{number}.user", expected.user
