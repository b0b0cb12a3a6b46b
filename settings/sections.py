"""The sections of a stack file. Limits are those of AWS and Okta, checked before any request."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from partitions import Partition, partition_of
from settings.fields import (
    AccountId,
    Action,
    Login,
    PolicyName,
    PolicyReference,
    ProviderName,
    Region,
    RoleName,
    UserName,
    short_name,
)
from settings.refusals import wrong


class Section(BaseModel):
    """A part of the stack file: camelCase there, immutable here, no key that nobody reads."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, populate_by_name=True, strict=True
    )


class Account(Section):
    id: AccountId
    region: Region

    @property
    def partition(self) -> Partition:
        return partition_of(self.region)

    def policy_arn(self, reference: str) -> str:
        """The ARN behind a policy's name; an ARN stays as it is."""
        if reference.startswith("arn:"):
            return reference
        return self.partition.managed_policy_arn(reference)


class App(Section):
    label: Annotated[str, Field(min_length=1, max_length=100)] = "AWS Account Federation"
    provider: ProviderName = "Okta"
    session_hours: Annotated[int, Field(ge=1, le=12)] = 1


class Role(Section):
    managed_policies: Annotated[
        tuple[PolicyReference, ...], Field(max_length=10, strict=False)
    ] = ()
    description: Annotated[str, Field(max_length=1000)] = ""
    session_hours: Annotated[int, Field(ge=1, le=12)] = 1

    @model_validator(mode="after")
    def policies_differ(self) -> Self:
        names = [short_name(policy) for policy in self.managed_policies]
        if len(set(names)) != len(names):
            raise wrong("names one policy twice in managedPolicies", "keep it once")
        return self


class Provisioning(Section):
    user: UserName = "OktaSSOuser"
    policy: PolicyName = "OktaMasterAccountPolicy"
    group: UserName = "OktaSSOusers"
    keys: Annotated[tuple[PolicyName, ...], Field(min_length=1, max_length=2, strict=False)] = (
        "first",
    )
    integration: Literal["pending", "done"] = "pending"

    @model_validator(mode="after")
    def keys_differ(self) -> Self:
        if len(set(self.keys)) != len(self.keys):
            raise wrong(
                "names one key generation twice in keys", "give each generation its own name"
            )
        return self


class Group(Section):
    roles: Annotated[tuple[RoleName, ...], Field(min_length=1, strict=False)]
    members: Annotated[tuple[Login, ...], Field(strict=False)] = ()
    description: Annotated[str, Field(max_length=1024)] = ""
    priority: Annotated[int, Field(ge=1, le=999)] | None = None


class Expectation(Section):
    user: Login
    can: Annotated[tuple[Action, ...], Field(strict=False)] = ()
    cannot: Annotated[tuple[Action, ...], Field(strict=False)] = ()
