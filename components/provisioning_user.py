"""The IAM user whose access key lets Okta download the names of the roles, and nothing else."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from pulumi import ComponentResource, Output, ResourceOptions
from pulumi_aws.iam import (
    AccessKey,
    Group,
    GroupPolicyAttachment,
    Policy,
    User,
    UserGroupMembership,
)


@dataclass(frozen=True, kw_only=True)
class ProvisioningUserArgs:
    user_name: str
    """The user's name in AWS; administrators look for it, so it is given."""

    policy_name: str
    """The name of the policy that lists roles."""

    group_name: str
    """The IAM group that carries the policy; policies on users fail CIS 1.14 and IAM.2."""

    keys: Sequence[str]
    """Generations of the access key, oldest first, at most two. Okta is given the last one."""

    def __post_init__(self) -> None:
        if not 1 <= len(self.keys) <= 2:
            raise ValueError(f"keys must name one or two generations, not {list(self.keys)}")
        if len(set(self.keys)) != len(self.keys):
            raise ValueError(f"keys must name each generation once, not {list(self.keys)}")


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

        user = User(f"{name}-user", name=args.user_name, opts=child)
        group = Group(f"{name}-group", name=args.group_name, opts=child)
        policy = Policy(
            f"{name}-policy",
            name=args.policy_name,
            description="Lets Okta download the names of the roles.",
            policy=list_only_policy(),
            opts=child,
        )
        GroupPolicyAttachment(
            f"{name}-attachment", group=group.name, policy_arn=policy.arn, opts=child
        )
        UserGroupMembership(f"{name}-membership", user=user.name, groups=[group.name], opts=child)
        keys = [
            AccessKey(f"{name}-key-{generation}", user=user.name, opts=child)
            for generation in args.keys
        ]

        self.user_arn = user.arn
        self.access_key_id = keys[-1].id
        self.secret_access_key = Output.secret(keys[-1].secret)
        self.register_outputs({"userArn": self.user_arn, "accessKeyId": self.access_key_id})


def list_only_policy() -> str:
    """The two actions Okta needs for one account (Okta help, "Generate the AWS API access key")."""
    statement = {
        "Effect": "Allow",
        "Action": ["iam:ListAccountAliases", "iam:ListRoles"],
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
