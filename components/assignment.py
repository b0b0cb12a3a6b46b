"""What a group's assignment to the app gives its members."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from pulumi import Input, Resource

from .errors import InvalidArgs


@dataclass(frozen=True, kw_only=True)
class Assignment:
    app_id: Input[str]
    """The app that members get."""

    priority: int
    """Which group decides for a person of several: the lowest number wins. Unique in the app."""

    priority_matters: bool = True
    """Whether the number is enforced; if not, the group keeps the one it was assigned with."""

    roles: Sequence[str] | None
    """Names of the AWS roles that members choose from; None: the names of groups say them."""

    after: Sequence[Resource] = ()
    """The roles. If Okta does not know one yet and refuses, it is there for the next try."""

    def __post_init__(self) -> None:
        if self.roles is not None and not self.roles:
            raise InvalidArgs("roles must name a role, not none")
        # Zero can't be told from "no priority" by the Okta provider, so it is never sent.
        if self.priority < 1:
            raise InvalidArgs(f"priority must be 1 or more, not {self.priority}")

    @property
    def profile(self) -> str | None:
        """The assignment's profile. Okta answers with `role` too, so leaving it out would drift."""
        if self.roles is None:
            return None
        return json.dumps({"role": None, "samlRoles": sorted(self.roles)})
