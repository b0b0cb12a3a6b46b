"""A whole stack: its sections, and what must hold between them."""

import hashlib
from typing import Annotated, Self

from pydantic import Field, model_validator

from settings.fields import GroupName, RoleName
from settings.refusals import did_you_mean, wrong
from settings.sections import Account, App, Expectation, Group, Provisioning, Role, Section


class Settings(Section):
    accounts: Annotated[dict[str, Account], Field(min_length=1)]
    app: App = App()
    roles: Annotated[dict[RoleName, Role], Field(min_length=1)]
    provisioning: Provisioning = Provisioning()
    groups: Annotated[dict[GroupName, Group], Field(default_factory=dict)]
    expect: Annotated[tuple[Expectation, ...], Field(strict=False)] = ()
    protect: bool = False

    @property
    def account(self) -> Account:
        """The account of mode `saml-roles`, which has exactly one."""
        (account,) = self.accounts.values()
        return account

    @property
    def people(self) -> list[str]:
        """Everybody who is a member of a group, each once."""
        return sorted({login for group in self.groups.values() for login in group.members})

    @property
    def priorities(self) -> dict[str, int]:
        """Group -> its priority in the app: unique, and the same whoever comes or goes.

        A group without a number of its own gets one from its name, behind all given ones. Okta
        keeps sparse values, so no other group has to move when one is added or removed.
        """
        taken = {group.priority for group in self.groups.values() if group.priority is not None}
        chosen = {}
        for name in sorted(self.groups):
            number = self.groups[name].priority
            if number is None:
                number = 1000 + int(hashlib.sha256(name.encode()).hexdigest(), 16) % 1_000_000
                while number in taken:
                    number += 1
                taken.add(number)
            chosen[name] = number
        return chosen

    @model_validator(mode="after")
    def priorities_differ(self) -> Self:
        given: dict[int, str] = {}
        for name, group in self.groups.items():
            if group.priority is not None and group.priority in given:
                raise wrong(
                    f"groups.{name}.priority = {group.priority} is also that of "
                    f"{given[group.priority]}, and Okta refuses equal priorities",
                    "give one of them another number",
                )
            if group.priority is not None:
                given[group.priority] = name
        return self

    @model_validator(mode="after")
    def one_account(self) -> Self:
        if len(self.accounts) > 1:
            raise wrong(
                f"names {len(self.accounts)} accounts, but Okta downloads the roles of one",
                "keep one account here, and give every other account a stack of its own",
            )
        return self

    @model_validator(mode="after")
    def groups_name_known_roles(self) -> Self:
        for name, group in self.groups.items():
            for role in group.roles:
                if role not in self.roles:
                    raise wrong(
                        f"groups.{name}.roles names {role!r}, which is not among the roles"
                        f"{did_you_mean(role, self.roles)}",
                        f"add {role} to roles, or take it out of the group",
                    )
        return self

    @model_validator(mode="after")
    def sessions_fit(self) -> Self:
        for name, role in self.roles.items():
            if self.app.session_hours > role.session_hours:
                raise wrong(
                    f"app.sessionHours = {self.app.session_hours} is longer than "
                    f"roles.{name}.sessionHours = {role.session_hours}, so no login would succeed",
                    f"raise roles.{name}.sessionHours, or lower app.sessionHours",
                )
        return self
