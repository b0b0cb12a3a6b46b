"""An IAM role that people enter through SAML, and only through it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pulumi import ComponentResource, Input, Output, ResourceOptions
from pulumi_aws.iam import Role, RolePolicyAttachment


@dataclass(frozen=True, kw_only=True)
class FederatedRoleArgs:
    role_name: str
    """The role's name in AWS. It is given, not generated: Okta's assignments quote it."""

    provider_arns: Sequence[Input[str]]
    """The SAML providers whose word the role takes."""

    audiences: Sequence[str]
    """The sign-in endpoints that an assertion may be addressed to; what AWS calls `SAML:aud`."""

    policies: Mapping[str, Input[str]] = field(default_factory=dict)
    """Short name -> managed policy ARN. The names become child names, so they are plain."""

    description: str = ""
    """What the role is for, as the console shows it."""

    session_hours: int = 1
    """The longest session: 1 to 12."""

    def __post_init__(self) -> None:
        if not 1 <= self.session_hours <= 12:
            raise ValueError(f"session_hours must be 1 to 12, not {self.session_hours}")
        if not self.provider_arns:
            raise ValueError(
                f"provider_arns of {self.role_name} must name a SAML provider, not none"
            )
        if not self.audiences:
            raise ValueError(
                f"audiences of {self.role_name} must name a sign-in endpoint, not none"
            )


class FederatedRole(ComponentResource):
    role_name: Output[str]
    """What an Okta assignment quotes."""
    arn: Output[str]
    """The role's ARN."""
    trust_policy: Output[str]
    """Who may enter, as JSON: for roles of other stacks that the same people should reach."""
    pair: Output[str]
    """`provider ARN,role ARN`: the value of the assertion's `Role` attribute."""

    def __init__(
        self, name: str, args: FederatedRoleArgs, opts: ResourceOptions | None = None
    ) -> None:
        super().__init__("okta-aws-federation:index:FederatedRole", name, None, opts)
        child = ResourceOptions(parent=self)

        self.trust_policy = trust_policy(args.provider_arns, args.audiences)
        role = Role(
            f"{name}-role",
            name=args.role_name,
            assume_role_policy=self.trust_policy,
            description=args.description,
            max_session_duration=args.session_hours * 3600,
            opts=child,
        )
        for short, policy_arn in args.policies.items():
            RolePolicyAttachment(
                f"{name}-{short}", role=role.name, policy_arn=policy_arn, opts=child
            )

        self.role_name = role.name
        self.arn = role.arn
        self.pair = Output.concat(args.provider_arns[0], ",", role.arn)
        self.register_outputs({"roleName": self.role_name, "arn": self.arn, "pair": self.pair})


def trust_policy(provider_arns: Sequence[Input[str]], audiences: Sequence[str]) -> Output[str]:
    """Who may assume the role: people the providers vouch for, at this partition's sign-in page.

    Source: IAM User Guide, "Creating a role for SAML 2.0 federation".
    """
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": one_or_all(provider_arns)},
        "Action": "sts:AssumeRoleWithSAML",
        "Condition": {"StringEquals": {"SAML:aud": one_or_all(sorted(audiences))}},
    }
    return Output.json_dumps({"Version": "2012-10-17", "Statement": [statement]})


def one_or_all(values: Sequence[Input[str]]) -> Input[str] | list[Input[str]]:
    """AWS stores a list of one as its one value; writing it so keeps what is read back equal."""
    return values[0] if len(values) == 1 else list(values)
