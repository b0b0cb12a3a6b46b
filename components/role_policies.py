"""The policies of a role: AWS's own, the stack's own, and those inside the role."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pulumi import Input, ResourceOptions
from pulumi_aws.iam import (
    Policy,
    Role,
    RolePoliciesExclusive,
    RolePolicy,
    RolePolicyAttachment,
    RolePolicyAttachmentsExclusive,
)

from .errors import InvalidArgs


@dataclass(frozen=True, kw_only=True)
class RolePolicies:
    managed: Mapping[str, Input[str]] = field(default_factory=dict)
    """Short name -> ARN of a policy that exists. The names become child names: they are plain."""

    customer: Mapping[str, Input[str]] = field(default_factory=dict)
    """Name -> document of a managed policy to be made."""

    inline: Mapping[str, Input[str]] = field(default_factory=dict)
    """Name -> document of a policy inside the role."""

    exclusive: bool = False
    """Whether policies that somebody else gives the role are taken away again."""

    def __post_init__(self) -> None:
        twice = sorted(self.managed.keys() & self.customer.keys())
        if twice:
            raise InvalidArgs(f"policies must have names of their own, not {twice[0]} twice")


def give(
    name: str, role: Role, args: RolePolicies, tags: Mapping[str, str], revocable: ResourceOptions
) -> None:
    """Create the policies and attach them to the role."""
    made = {
        short: Policy(
            f"{name}-{short}", name=short, policy=document, tags=tags or None, opts=revocable
        ).arn
        for short, document in args.customer.items()
    }
    attached = {
        short: RolePolicyAttachment(
            f"{name}-{short}", role=role.name, policy_arn=arn, opts=revocable
        )
        for short, arn in {**args.managed, **made}.items()
    }
    inside = {
        short: RolePolicy(
            f"{name}-{short}-inline", name=short, role=role.name, policy=document, opts=revocable
        )
        for short, document in args.inline.items()
    }
    if args.exclusive:
        RolePolicyAttachmentsExclusive(
            f"{name}-attachments",
            role_name=role.name,
            policy_arns=[attached[short].policy_arn for short in sorted(attached)],
            opts=revocable,
        )
        RolePoliciesExclusive(
            f"{name}-inline-policies",
            role_name=role.name,
            policy_names=[inside[short].name for short in sorted(inside)],
            opts=revocable,
        )
