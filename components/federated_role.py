"""An IAM role that people enter through SAML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pulumi import ComponentResource, Input, Output, Resource, ResourceOptions
from pulumi_aws.iam import Role

from okta_aws_federation.trust_policy import Trust, build_document, minimum_size

from .entry_alarm import entry_alarm
from .errors import InvalidArgs, as_invalid_args
from .role_policies import RolePolicies, give


@dataclass(frozen=True, kw_only=True)
class FederatedRoleArgs:
    role_name: str
    """The role's name in AWS. It is given, not generated: Okta's assignments quote it."""

    provider_arns: Sequence[Input[str]]
    """The SAML providers whose word the role takes. Given as text, they are known in a preview."""

    after: Sequence[Resource] = ()
    """What must be there before the role: providers whose ARNs are given as text."""

    audiences: Sequence[str]
    """The sign-in endpoints that an assertion may be addressed to; what AWS calls `SAML:aud`."""

    trust: Trust = field(default_factory=Trust)
    """What else is asked of people, and who else may enter."""

    policies: RolePolicies = field(default_factory=RolePolicies)
    """What people may do in the role."""

    boundary: Input[str] | None = None
    """ARN of the permissions boundary."""

    path: str = "/"
    """The role's path in IAM."""

    description: str = ""
    """What the role is for, as the console shows it."""

    tags: Mapping[str, str] = field(default_factory=dict)
    """Tags of the role, and of the policies made for it."""

    session_hours: int = 1
    """The longest session: 1 to 12."""

    alarms: Mapping[str, str] = field(default_factory=dict)
    """Region -> ARN of the topic or queue that is told when somebody enters there."""

    trust_quota: int = 2048
    """How many characters AWS takes as trust policy: 2048, or what the account was raised to."""

    def __post_init__(self) -> None:
        if not 1 <= self.session_hours <= 12:
            raise InvalidArgs(f"session_hours must be 1 to 12, not {self.session_hours}")
        if not self.provider_arns:
            raise InvalidArgs(
                f"provider_arns of {self.role_name} must name a SAML provider, not none"
            )
        if not self.audiences:
            raise InvalidArgs(
                f"audiences of {self.role_name} must name a sign-in endpoint, not none"
            )
        if not (self.path.startswith("/") and self.path.endswith("/")):
            raise InvalidArgs(f"path must begin and end with /, not {self.path!r}")
        with as_invalid_args():
            size = minimum_size(self.provider_arns, self.audiences, self.trust)
        if size > self.trust_quota:
            raise InvalidArgs(
                f"trust of {self.role_name} must take at most {self.trust_quota} characters, "
                f"not {size}: ask AWS for a higher quota, or trust less"
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

        self.trust_policy = Output.json_dumps(
            build_document(args.provider_arns, args.audiences, args.trust), sort_keys=True
        )
        role = Role(
            f"{name}-role",
            name=args.role_name,
            assume_role_policy=self.trust_policy,
            description=args.description,
            max_session_duration=args.session_hours * 3600,
            path=args.path,
            permissions_boundary=args.boundary,
            tags=args.tags or None,
            opts=ResourceOptions(parent=self, depends_on=list(args.after)),
        )
        # What a role may do can be taken from it, however protected the rest is.
        revocable = ResourceOptions(parent=self, protect=False)
        give(name, role, args.policies, args.tags, revocable)
        child = ResourceOptions(parent=self)
        entry_alarm(name, (args.role_name, role.arn), args.alarms, args.tags, child)

        self.role_name = role.name
        self.arn = role.arn
        self.pair = Output.concat(args.provider_arns[0], ",", role.arn)
        self.register_outputs({"roleName": self.role_name, "arn": self.arn, "pair": self.pair})
