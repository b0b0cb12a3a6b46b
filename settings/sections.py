"""The accounts, the provisioning user, the groups and the people of a stack file."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from okta_aws_federation import defaults
from okta_aws_federation.partitions import Partition, partition_of
from settings.errors import invalid
from settings.section import Section, YamlList, YamlSet, without_repeats
from settings.text import folded, one_line, trimmed_line
from settings.types import (
    AccountId,
    Day,
    Description,
    Email,
    KmsKey,
    Label,
    Login,
    Network,
    PatternString,
    PolicyName,
    Region,
    RoleArn,
    RoleName,
    RuleExpression,
    ShortName,
    UserName,
)

GroupId = Annotated[
    str,
    PatternString(
        r"00g\w{17}",
        "must be a group's id of Okta: 20 characters that begin with 00g",
        "copy it from the group's address in the Admin Console",
    ),
]
PersonName = Annotated[str, Field(min_length=1, max_length=50), AfterValidator(trimmed_line)]
Department = Annotated[str, Field(max_length=255), AfterValidator(one_line)]


class Account(Section):
    """An AWS account, and how the deployment gets its credentials."""

    id: AccountId
    """Its 12 digits, in quotes."""
    region: Region
    """The region that says which partition the account is in."""
    profile: Label | None = None
    """A profile of the shared configuration files."""
    assume_role: RoleArn | None = None
    """A role of the account that the deployment assumes."""

    @property
    def partition(self) -> Partition:
        """The partition that the account's region is in."""
        return partition_of(self.region)

    def policy_arn(self, reference: str) -> str:
        """The ARN behind a policy's name; an ARN stays as it is."""
        if reference.startswith("arn:"):
            return reference
        return self.partition.managed_policy_arn(reference)

    def own_policy_arn(self, name: str) -> str:
        """The ARN of a policy that is made in the account."""
        return f"arn:{self.partition.name}:iam::{self.id}:policy/{name}"

    def saml_provider_arn(self, reference: str) -> str:
        """The ARN behind a SAML provider's name; an ARN stays as it is."""
        if reference.startswith("arn:"):
            return reference
        return self.partition.saml_provider_arn(self.id, reference)

    @model_validator(mode="after")
    def assumes_a_role_of_its_own(self) -> Self:
        if self.assume_role and self.assume_role.split(":")[1] != self.partition.name:
            raise invalid(
                f"assumes {self.assume_role}, a role of another partition than {self.region}",
                f"begin it with arn:{self.partition.name}:",
            )
        if self.assume_role and self.assume_role.split(":")[4] != self.id:
            raise invalid(
                f"assumes {self.assume_role}, a role of another account than {self.id}",
                "name a role of the account itself",
            )
        return self


class Store(Section):
    """Where the secret key is stored for an administrator who types it into Okta."""

    kind: Literal["ssm", "secretsmanager"]
    """SSM Parameter Store (a SecureString) or Secrets Manager."""
    name: Annotated[
        str,
        PatternString(
            r"(?=.{1,512}$)/?[\w.-]+(/[\w.-]+)*",
            "must be letters, digits or . - _ between single slashes, 512 at most",
            "write it as /okta/provisioning",
        ),
    ] = "/okta/provisioning"
    """The parameter's or secret's name."""
    kms_key: KmsKey | None = None
    """Id, alias or ARN of a KMS key, instead of the account's default key."""

    @model_validator(mode="after")
    def takes_the_name(self) -> Self:
        """Systems Manager User Guide, "Creating parameter names"; AWS keeps some for itself, and so
        does KMS with the keys of its services."""
        alias = (self.kms_key or "").rpartition(":")[2]
        if alias.startswith("alias/aws/") and alias != f"alias/aws/{self.kind}":
            raise invalid(
                f"is AWS's key for another service than {self.kind}",
                "leave it out for the default key, or name a key of your own",
                value=self.kms_key,
                at=["kmsKey"],
            )
        if self.kind != "ssm":
            return self
        first, *more = self.name.strip("/").split("/")
        if re.match("aws|ssm", first, re.IGNORECASE):
            raise invalid(
                "begins with aws or ssm, which AWS keeps for itself",
                "write it as /okta/provisioning",
                value=self.name,
                at=["name"],
            )
        if more and not self.name.startswith("/"):
            raise invalid(
                "needs a slash in front", f"write /{self.name}", value=self.name, at=["name"]
            )
        if len(more) >= 15:
            rule, fix = "has more than 15 levels", "take some out"
            raise invalid(rule, fix, value=self.name, at=["name"])
        return self


class Provisioning(Section):
    """The IAM user whose key lets Okta download the roles' names. Mode saml-roles only."""

    user: UserName = defaults.PROVISIONING_USER
    """The user's name."""
    policy: PolicyName = defaults.PROVISIONING_POLICY
    """The name of the policy that lists roles."""
    group: UserName = defaults.PROVISIONING_GROUP
    """The IAM group that carries the policy, if it is attached through one."""
    attach: Literal["group", "user"] = "group"
    """How the user gets the policy; policies on users fail CIS 1.14 and Security Hub IAM.2."""
    permissions: Literal["list-roles", "multi-account"] = "list-roles"
    """What the policy allows. Okta has given up multi-account, and it is much wider."""
    keys: Annotated[YamlList[PolicyName], Field(min_length=1, max_length=2)] = ("first",)
    """Names of the access keys, one or two, the oldest first. By name too the newest comes last:
    2026-05, 2026-11."""
    source_ips: YamlList[Network] = ()
    """The networks from which the key works; Okta publishes its own."""
    store: Store | None = None
    """Where the key is stored, besides the stack's outputs."""
    integration: Literal["pending", "done"] = "pending"
    """`done` once the key is in Okta's Provisioning tab; the groups are assigned only then."""

    @model_validator(mode="after")
    def keys_differ(self) -> Self:
        if len(set(self.keys)) != len(self.keys):
            raise invalid(
                "names one key generation twice in keys", "give each generation its own name"
            )
        if list(self.keys) != (by_age := sorted(self.keys, key=_age)):
            old, new = by_age
            raise invalid(
                f"names {old} after {new}, and by name {new} is the newer one",
                f"write [{old}, {new}], or give the newer key a name that comes after {new}",
                value=", ".join(self.keys),
                at=["keys"],
            )
        return self


def _age(name: str) -> tuple[bool, list[tuple[bool, int, str]]]:
    """What sorts key generations: names without a number first; by name, numbers as numbers."""
    parts = re.split(r"(\d+)", name)
    numbered = [(p.isdigit(), int(p) if p.isdigit() else 0, p) for p in parts]
    return len(parts) > 1, numbered


class Group(Section):
    """A group of people, and the roles that they can assume."""

    roles: Annotated[YamlList[RoleName], Field(min_length=1), AfterValidator(without_repeats)]
    """The roles that its members can assume."""
    accounts: YamlSet[ShortName] = ()
    """Mode group-mapping: the accounts in which they get the roles; by default all that have
    them."""
    members: YamlList[Login] = ()
    """Logins of people who are in the group."""
    temporary: dict[Login, Day] = Field(default_factory=dict)
    """Login -> last day (UTC) of a person in the group; the first run after it takes them out."""
    rule: RuleExpression | None = None
    """Okta expression of who else is in the group: user.department=="Engineering"."""
    existing: bool = False
    """Whether the group is in Okta already, from a directory or another stack."""
    id: GroupId | None = None
    """Okta's id of a group that is there already, where its name is not enough."""
    description: Description = ""
    """What the group is for."""
    priority: Annotated[int, Field(ge=0, le=999)] | None = None
    """Which group decides for a person of several: the one with the lowest number. It sets the
    order: Okta is sent 1, 2, 3 and so on. Groups without it follow in the order of their names."""

    @property
    def is_managed(self) -> bool:
        """Whether this stack makes the group."""
        return not (self.existing or self.id)

    @model_validator(mode="after")
    def leaves_existing_groups_alone(self) -> Self:
        if not self.is_managed and self.description:
            raise invalid(
                "describes a group that exists already", "take the description out, or existing"
            )
        return self

    @model_validator(mode="after")
    def people_differ(self) -> Self:
        seen: set[str] = set()
        for login in (*self.members, *self.temporary):
            if folded(login) in seen:
                raise invalid(f"names {login} twice", "write them in members or temporary, once")
            seen.add(folded(login))
        return self


class Person(Section):
    """Somebody who is new in Okta: this stack creates the account, and Okta sends the mail."""

    first_name: PersonName
    """As Okta shows it."""
    last_name: PersonName
    """As Okta shows it."""
    email: Email
    """Where Okta's mail goes."""
    department: Department | None = None
    """What rules and session tags may speak of."""
