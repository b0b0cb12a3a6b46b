"""The IAM user whose access key lets Okta download the names of the roles, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from pulumi import ComponentResource, Input, Output, ResourceOptions
from pulumi_aws import secretsmanager, ssm
from pulumi_aws.iam import (
    AccessKey,
    Group,
    GroupPolicyAttachment,
    Policy,
    User,
    UserGroupMembership,
    UserPolicyAttachment,
)

from okta_aws_federation import defaults
from okta_aws_federation.provisioning_policy import provisioning_policy
from okta_aws_federation.resource_names import child_name

from .errors import InvalidArgs
from .names import revocable_options

AS_IT_IS = {
    "user": ResourceOptions(ignore_changes=["path", "permissions_boundary"]),
    "policy": ResourceOptions(ignore_changes=["description", "path"]),
    "group": ResourceOptions(ignore_changes=["path"]),
}
"""What a user, policy or group that was imported keeps. AWS changes neither description nor path of
a policy: another one would replace it, and AWS refuses to delete a policy that is attached."""


class StoreKind(StrEnum):
    """The service that stores an access key."""

    PARAMETER = "ssm"
    SECRET = "secretsmanager"  # noqa: S105 - the name of a service


@dataclass(frozen=True, kw_only=True)
class SecretStore:
    """Where the newest key is stored for the person who types it into Okta."""

    kind: StoreKind
    """SSM Parameter Store (a SecureString), or Secrets Manager."""

    name: str
    """The parameter's or secret's name."""

    kms_key: Input[str] | None = None
    """Id, alias or ARN of a KMS key; None: the account's default key of the service."""


@dataclass(frozen=True, kw_only=True)
class ProvisioningUserArgs:
    """The user, its policy and its keys. Raises InvalidArgs."""

    user_name: str = defaults.PROVISIONING_USER
    """The user's name in AWS; administrators look for it, so it is chosen."""

    policy_name: str = defaults.PROVISIONING_POLICY
    """The name of the policy that lists roles."""

    group_name: str | None = defaults.PROVISIONING_GROUP
    """The IAM group that carries the policy; None attaches it to the user, against CIS 1.14."""

    access_key_generations: Sequence[str] = ("first",)
    """Generations of the access key, oldest first, at most two. Okta uses the last one."""

    accounts_of_partition: str | None = None
    """A partition in whose accounts Okta may assume its reserved role: the old policy, much wider.
    None: the policy lists the roles of this account, which is all that Okta supports now."""

    source_ips: Sequence[str] = ()
    """The networks from which the key works; everywhere, if none is named."""

    store: SecretStore | None = None
    """Where the newest key is stored, besides the component's outputs."""

    tags: Mapping[str, str] = field(default_factory=dict)
    """Tags of the user, the policy and the stored key."""

    def __post_init__(self) -> None:
        generations = list(self.access_key_generations)
        if not 1 <= len(generations) <= 2:
            raise InvalidArgs(
                f"access_key_generations must name one or two generations, not {generations}"
            )
        if len(set(generations)) != len(generations):
            raise InvalidArgs(
                f"access_key_generations must name each generation once, not {generations}"
            )


class ProvisioningUser(ComponentResource):
    """An IAM user with a policy that lists roles, and up to two access keys.

    Its options take an `aws` provider.
    """

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
        options = ResourceOptions(parent=self)

        user = User(
            f"{name}-user",
            name=args.user_name,
            tags=args.tags or None,
            opts=ResourceOptions.merge(options, AS_IT_IS["user"]),
        )
        policy = Policy(
            f"{name}-policy",
            name=args.policy_name,
            description="Lets Okta download the names of the roles.",
            policy=provisioning_policy(args.accounts_of_partition, args.source_ips),
            tags=args.tags or None,
            opts=ResourceOptions.merge(options, AS_IT_IS["policy"]),
        )
        grant_policy(name, user, policy, args.group_name, options)
        keys = [
            AccessKey(
                child_name(name, generation, "-key-"),
                user=user.name,
                # An old key has to go, however protected the rest is.
                opts=revocable_options(self, name, generation, "-key-"),
            )
            for generation in args.access_key_generations
        ]

        self.user_arn = user.arn
        self.access_key_id = keys[-1].id
        self.secret_access_key = Output.secret(keys[-1].secret)
        if args.store is not None:
            key = {"accessKeyId": self.access_key_id, "secretAccessKey": self.secret_access_key}
            store_access_key(name, args.store, key, args.tags, options)
        self.register_outputs(
            {
                "userArn": self.user_arn,
                "accessKeyId": self.access_key_id,
                "secretAccessKey": self.secret_access_key,
            }
        )


def grant_policy(
    name: str, user: User, policy: Policy, group_name: str | None, options: ResourceOptions
) -> None:
    """Attach the policy: to a group with the user in it, or to the user where there is none."""
    if group_name is None:
        UserPolicyAttachment(
            f"{name}-attachment", user=user.name, policy_arn=policy.arn, opts=options
        )
        return
    group = Group(
        f"{name}-group", name=group_name, opts=ResourceOptions.merge(options, AS_IT_IS["group"])
    )
    GroupPolicyAttachment(
        f"{name}-attachment", group=group.name, policy_arn=policy.arn, opts=options
    )
    UserGroupMembership(f"{name}-membership", user=user.name, groups=[group.name], opts=options)


def store_access_key(
    name: str,
    store: SecretStore,
    key: Mapping[str, Input[str]],
    tags: Mapping[str, str],
    options: ResourceOptions,
) -> None:
    """Store the key, as JSON, in the account."""
    value = Output.json_dumps(key)  # a secret, since the key's secret is one
    if store.kind == StoreKind.PARAMETER:
        ssm.Parameter(
            f"{name}-parameter",
            name=store.name,
            type="SecureString",
            value=value,
            key_id=store.kms_key,
            tags=tags or None,
            opts=options,
        )
        return
    secret = secretsmanager.Secret(
        f"{name}-secret",
        name=store.name,
        kms_key_id=store.kms_key,
        # Without a window, so that the same name can be used again after a `pulumi destroy`.
        recovery_window_in_days=0,
        tags=tags or None,
        opts=options,
    )
    secretsmanager.SecretVersion(
        f"{name}-secret-version", secret_id=secret.id, secret_string=value, opts=options
    )
