"""How people give themselves more than their roles' policies allow: the table of the policy pack.

A role with such actions proves nothing by what its policies leave out. It stands in
`policies/escalations.toml`, because the pack is copied without this package.
"""

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from access.model import AccessModel
from access.role_chains import ASSUME, RoleGrant

TABLE = Path(__file__).parents[1] / "policies" / "escalations.toml"


@cache
def table() -> tuple[tuple[tuple[str, ...], str], ...]:
    """Actions that together raise the rights of whoever may do them all, and how.

    Not sts:AssumeRole alone: the model follows role chains itself.
    """
    entries = tomllib.loads(TABLE.read_text()).values()
    return tuple(
        (tuple(each["actions"]), each["how"]) for each in entries if each["actions"] != [ASSUME]
    )


def escalations(
    model: AccessModel, login: str | None, grant: RoleGrant
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Those of the table that a role may allow somebody, each on some resource."""
    for actions, how in table():
        if all(model.in_role(login, grant, action, None).possible for action in actions):
            yield actions, how
