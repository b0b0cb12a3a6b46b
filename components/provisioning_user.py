"""The IAM user whose access key lets Okta download the names of the roles, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pulumi import ComponentResource, Output, ResourceOptions
from pulumi_aws.iam import (
    AccessKey,
    Group,
    GroupPolicyAttachment,
    Policy,
    User,
    UserGroupMembership,
    UserPolicyAttachment,
)

from .errors import InvalidArgs
from .provisioning_policy import provisioning_policy
from .secret_store import SecretStore, keep


@dataclass(frozen=True, kw_only=True)
class ProvisioningUserArgs:
    user_name: str
    """The user's name in AWS; administrators look for it, so it is given."""

    policy_name: str
    """The name of the policy that lists roles."""

    group_name: str | None
    """The IAM group that carries the policy; None attaches it to the user, against CIS 1.14."""

    keys: Sequence[str]
    """Generations of the access key, oldest first, at most two. Okta is given the last one."""

    accounts_of_partition: str | None = None
    """A partition in whose accounts Okta may assume its reserved role: the old policy, much wider.
    None: the policy lists the roles of this account, which is all that Okta supports now."""

    source_ips: Sequence[str] = ()
    """The networks from which the key works; everywhere, if none is named."""

    store: SecretStore | None = None
    """Where the newest key is kept, besides the component's outputs."""

    tags: Mapping[str, str] = field(default_factory=dict)
    """Tags of the user, the policy and the stored key."""

    def __post_init__(self) -> None:
        if not 1 <= len(self.keys) <= 2:
            raise InvalidArgs(f"keys must name one or two generations, not {list(self.keys)}")
        if len(set(self.keys)) != len(self.keys):
            raise InvalidArgs(f"keys must name each generation once, not {list(self.keys)}")


class ProvisioningUser(ComponentResource):
    user_arn: Output[str]
    """The user's ARN."""
    access_key_id: Output[str]
    """The newest key's id: Okta's field "Access Key"."""
    secret_access_key: Output[str]
    """The newest key's secret, a Pulumi secret: Okta's field "Secret Key"."""

    def __init__(
        self, name: str, args: ProvisioningUserArgs, opts: ResourceOptions | None = None
    ) -> None:
        super().__init__("okta-aws-federation:index:ProvisioningUser", name, None, opts)
        child = ResourceOptions(parent=self)

        user = User(f"{name}-user", name=args.user_name, tags=args.tags or None, opts=child)
        policy = Policy(
            f"{name}-policy",
            name=args.policy_name,
            description="Lets Okta download the names of the roles.",
            policy=provisioning_policy(args.accounts_of_partition, args.source_ips),
            tags=args.tags or None,
            opts=child,
        )
        attach(name, user, policy, args.group_name, child)
        # An old key has to go, however protected the rest is.
        revocable = ResourceOptions(parent=self, protect=False)
        keys = [
            AccessKey(f"{name}-key-{generation}", user=user.name, opts=revocable)
            for generation in args.keys
        ]

        self.user_arn = user.arn
        self.access_key_id = keys[-1].id
        self.secret_access_key = Output.secret(keys[-1].secret)
        if args.store is not None:
            key = {"accessKeyId": self.access_key_id, "secretAccessKey": self.secret_access_key}
            keep(name, args.store, key, args.tags, child)
        self.register_outputs({"userArn": self.user_arn, "accessKeyId": self.access_key_id})


def attach(
    name: str, user: User, policy: Policy, group_name: str | None, child: ResourceOptions
) -> None:
    """Give the policy to the user: through a group, or directly where there is none."""
    if group_name is None:
        UserPolicyAttachment(
            f"{name}-attachment", user=user.name, policy_arn=policy.arn, opts=child
        )
        return
    group = Group(f"{name}-group", name=group_name, opts=child)
    GroupPolicyAttachment(f"{name}-attachment", group=group.name, policy_arn=policy.arn, opts=child)
    UserGroupMembership(f"{name}-membership", user=user.name, groups=[group.name], opts=child)
