"""A whole stack: its sections, and what follows from them together."""

import dataclasses
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from okta_aws_federation import defaults
from okta_aws_federation.group_names import parse_group_name
from okta_aws_federation.partitions import Partition
from okta_aws_federation.resource_names import child_name
from okta_aws_federation.trust_policy import Trust
from settings.app import App
from settings.expectations import Expectation
from settings.mapping import AccountRole, RoleGroup, members_at, role_groups
from settings.okta import Okta
from settings.roles import Role, Tags
from settings.section import Section, YamlList
from settings.sections import Account, Group, Person, Provisioning
from settings.types import Day, GroupName, NewLogin, RoleName, ShortName


class Quotas(Section):
    """Quotas of IAM that can be raised, as they are in the accounts of this stack."""

    managed_policies_per_role: Annotated[int, Field(ge=1, le=25)] = 10
    """How many managed policies a role takes."""
    trust_policy_characters: Annotated[int, Field(ge=defaults.TRUST_POLICY_CHARACTERS, le=8192)] = (
        defaults.TRUST_POLICY_CHARACTERS
    )
    """How long a trust policy may be."""
    roles_per_account: Annotated[int, Field(ge=1000, le=10_000)] = 1000
    """How many roles an account takes."""
    policies_per_account: Annotated[int, Field(ge=1500, le=10_000)] = 1500
    """How many customer managed policies an account takes."""


class Settings(Section):
    """Who signs in to which AWS accounts from Okta, with which roles.

    What follows from the sections is computed once: components ask for it once for each role.
    """

    mode: Literal["saml-roles", "group-mapping"] = "saml-roles"
    """How Okta knows a person's roles: from the assignments of one account, or from the names of
    groups, for any number of accounts and without a key."""
    accounts: Annotated[dict[ShortName, Account], Field(min_length=1)]
    """The AWS accounts, by a short name."""
    okta: Okta = Okta()
    """How Okta's API is called."""
    app: App = App()
    """The Okta app."""
    roles: Annotated[dict[RoleName, Role], Field(min_length=1)]
    """The AWS roles, by name."""
    provisioning: Provisioning = Provisioning()
    """The IAM user whose access key Okta uses to list roles."""
    groups: Annotated[dict[GroupName, Group], Field(default_factory=dict)]
    """The Okta groups, by name."""
    people: Annotated[dict[NewLogin, Person], Field(default_factory=dict)]
    """People who are new in Okta, by login. Everybody else is there already."""
    expect: YamlList[Expectation] = ()
    """What people must be able to do, and must not."""
    protect: bool = False
    """Whether Pulumi refuses to delete or replace what people sign in with: app, SAML providers,
    roles, groups, users. Memberships, policies of a role and keys can always be removed."""
    tags: Tags = Field(default_factory=dict)
    """Tags of everything in AWS that takes tags."""
    quotas: Quotas = Quotas()
    """Quotas of IAM that were raised."""
    today: Day = Field(default_factory=lambda: datetime.now(UTC).date())
    """The day (UTC) for which temporary membership is decided; the day of the run, if not said."""

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy, with what follows from its own sections: pydantic copies what was computed."""
        copy = super().model_copy(update=update, deep=deep)
        for name in copy.__dict__.keys() - type(self).model_fields.keys():
            del copy.__dict__[name]
        return copy

    @property
    def uses_group_mapping(self) -> bool:
        """Whether Okta reads roles from the names of groups."""
        return self.mode == "group-mapping"

    @property
    def single_account(self) -> str:
        """Short name of the account of mode `saml-roles`, which has exactly one."""
        (name,) = self.accounts
        return name

    @property
    def account(self) -> Account:
        """The account of mode `saml-roles`."""
        return self.accounts[self.single_account]

    @property
    def partition(self) -> Partition:
        """The partition of every account: an Okta app knows one sign-in page."""
        return next(iter(self.accounts.values())).partition

    @property
    def audiences(self) -> list[str]:
        """The sign-in endpoints that roles accept assertions for."""
        regions = {self.app.sign_in_region, *self.app.fallback_regions} - {None}
        regional = {self.partition.regional_sign_in_url(str(region)) for region in regions}
        return [self.partition.sign_in_url, *sorted(regional - {self.partition.sign_in_url})]

    @property
    def role_path(self) -> str:
        """Mode group-mapping: the path of every role, since a group's name holds none."""
        return next(iter(self.roles.values())).path

    def accounts_of(self, role: str) -> list[str]:
        """Short names of the accounts that have a role."""
        return sorted(self.roles[role].accounts or self.accounts)

    @cached_property
    def account_roles(self) -> dict[str, AccountRole]:
        """Every role of every account, by its component's name, which is no other's."""
        return {
            child_name(account, role) if self.uses_group_mapping else role: AccountRole(
                account, role
            )
            for role in self.roles
            for account in self.accounts_of(role)
        }

    def output_key(self, account_role: AccountRole) -> str:
        """A role's key in the stack's outputs: its name, or `account-role`. Where two roles would
        share a key, neither has it, so that no consumer reads the other one's: `account/role`."""
        if not self.uses_group_mapping:
            return account_role.role
        plain = "-".join(account_role)
        return plain if self._plain_output_keys[plain] == 1 else "/".join(account_role)

    @cached_property
    def _plain_output_keys(self) -> Counter[str]:
        """`account-role` -> how many roles it would be the key of."""
        return Counter("-".join(each) for each in self.account_roles.values())

    def roles_in_account(self, account: str) -> list[AccountRole]:
        """The roles of one account, by its short name."""
        return [each for each in self.account_roles.values() if each.account == account]

    def sections_of(self, account_role: AccountRole) -> tuple[Role, Account]:
        """The sections of a role and of the account that it is in."""
        return self.roles[account_role.role], self.accounts[account_role.account]

    def role_arn(self, account_role: AccountRole) -> str:
        """The ARN of a role of the file."""
        role, account = self.sections_of(account_role)
        return account.partition.role_arn(account.id, account_role.role, role.path)

    def saml_provider_arns(self, account_role: AccountRole) -> list[str]:
        """The SAML providers in a role's trust policy: Okta's first, then those that it names."""
        role, account = self.sections_of(account_role)
        further = (*self.app.additional_providers, *role.trust.providers)
        others = sorted({account.saml_provider_arn(each) for each in further})
        return [account.saml_provider_arn(self.app.provider), *others]

    def trust_of(self, account_role: AccountRole) -> Trust:
        """What a role asks of people. What the app sends, a role has to take: AWS refuses a
        sign-in with one tag too many."""
        trust = self.roles[account_role.role].trust
        identities = self.app.source_identity.allow if self.app.source_identity else ()
        own = {each.name: getattr(trust, each.name) for each in dataclasses.fields(Trust)}
        from_app = {
            "session_tags": sorted({*self.app.session_tags, *trust.session_tags}),
            "source_identities": trust.source_identities or identities,
            "statements": [each.document for each in trust.statements],
        }
        return Trust(**own | from_app)

    @property
    def assignments_enabled(self) -> bool:
        """Whether Okta can take assignments yet: it has to know the roles that they name."""
        return self.uses_group_mapping or self.provisioning.integration == "done"

    @cached_property
    def existing_role_groups(self) -> dict[str, AccountRole]:
        """Mode group-mapping: groups that are in Okta already, from a directory perhaps, and whose
        names Okta reads as a role of this file, by name."""
        short_names = {account.id: name for name, account in self.accounts.items()}
        result = {}
        for name, group in self.groups.items() if self.uses_group_mapping else ():
            read = None if group.is_managed else parse_group_name(self.app.group_filter, name)
            if read and read[0] in short_names:
                result[name] = AccountRole(short_names[read[0]], read[1])
        return result

    @cached_property
    def role_groups(self) -> dict[str, RoleGroup]:
        """Mode group-mapping: the groups with generated names, by name."""
        if not self.uses_group_mapping:
            return {}
        existing = self.existing_role_groups
        sources = {name: each for name, each in self.groups.items() if name not in existing}
        return role_groups(
            self.app.group_name, self.accounts, self.account_roles.values(), sources, self.today
        )

    def members(self, group: str, day: date | None = None) -> list[str]:
        """Logins of the people whom the stack file puts into a group, today or on another day."""
        return members_at(day or self.today, self.groups[group])

    @property
    def all_members(self) -> list[str]:
        """Everybody who is a member of a group, each once."""
        return sorted({login for name in self.groups for login in self.members(name)})

    @cached_property
    def memberships(self) -> dict[str, list[str]]:
        """Login, as it is spelt first -> names of all groups that the person is in, generated ones
        too. Logins compare without case."""
        spelt: dict[str, str] = {}
        groups: dict[str, list[str]] = {}
        members = {name: self.members(name) for name in self.groups}
        members |= {name: [*group.members] for name, group in self.role_groups.items()}
        for name, logins in members.items():
            for login in logins:
                first = spelt.setdefault(login.lower(), login)
                groups.setdefault(first, []).append(name)
        return {login: sorted({*names}) for login, names in sorted(groups.items())}

    @property
    def groups_to_look_up(self) -> list[str]:
        """Names of groups that exist in Okta and whose id the file does not give."""
        return sorted(n for n, group in self.groups.items() if group.existing and not group.id)

    @cached_property
    def priorities(self) -> dict[str, int]:
        """Group -> its priority in the app, 1 for the group that wins: 1, 2, 3 without gaps.

        First come the groups whose order matters: those with a `priority`, in the order of their
        numbers, then those of `prioritized_groups` without one, in the order of their names. The
        others follow. Okta's API reference gives a range of 0 to 100, and an org may number
        assignments anew (1, 3, 5 become 1, 2, 3): numbers without gaps stay as they are then.
        """
        matters = self.prioritized_groups

        def wins_before(group: str) -> tuple[bool, bool, int, str]:
            priority = self.groups[group].priority
            return (group not in matters, priority is None, priority or 0, group)

        return {name: n for n, name in enumerate(sorted(self.groups, key=wins_before), start=1)}

    @cached_property
    def prioritized_groups(self) -> set[str]:
        """Groups whose priority decides what somebody gets, so that Okta's number is enforced.

        The others keep the number that they were assigned with: adding or removing one of fifty
        groups changes no other. A group matters if it has a `priority`, shares a person with
        another group, or can have people whom the file does not name.
        """
        if self.uses_group_mapping or self.app.combine_roles:
            return set()
        groups_of: dict[str, set[str]] = {}
        for name in self.groups:
            for login in self.members(name):
                groups_of.setdefault(login.lower(), set()).add(name)
        shared = {name for groups in groups_of.values() if len(groups) > 1 for name in groups}
        return shared | {
            name
            for name, group in self.groups.items()
            if group.priority is not None or group.rule or not group.is_managed
        }
