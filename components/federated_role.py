"""An IAM role that people assume through SAML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pulumi import ComponentResource, Input, Output, ResourceOptions
from pulumi_aws.iam import (
    Policy,
    Role,
    RolePoliciesExclusive,
    RolePolicy,
    RolePolicyAttachment,
    RolePolicyAttachmentsExclusive,
)

from okta_aws_federation import defaults
from okta_aws_federation.partitions import partition_named
from okta_aws_federation.resource_names import child_name
from okta_aws_federation.trust_policy import (
    Trust,
    build_document,
    minimum_size,
    refuse_foreign_principals,
)

from .errors import InvalidArgs, as_invalid_args, require_range
from .names import revocable_options
from .okta_aws_app import OktaAwsApp
from .registration import as_json
from .saml_identity_provider import SamlIdentityProvider
from .sign_in_alarm import sign_in_alarm


@dataclass(frozen=True, kw_only=True)
class RolePolicies:
    """What people may do in a role. Raises InvalidArgs."""

    managed: Mapping[str, Input[str]] = field(default_factory=dict)
    """Short name -> ARN of a policy that exists. The names become child names: they are plain."""

    customer: Mapping[str, Input[str]] = field(default_factory=dict)
    """Name -> document of a managed policy to be created."""

    inline: Mapping[str, Input[str]] = field(default_factory=dict)
    """Name -> document of a policy inside the role."""

    exclusive: bool = False
    """Whether policies that somebody else attaches to the role are detached again."""

    def __post_init__(self) -> None:
        twice = sorted(self.managed.keys() & self.customer.keys())
        if twice:
            raise InvalidArgs(f"policies must have names of their own, not {twice[0]} twice")


@dataclass(frozen=True, kw_only=True)
class FederatedRoleArgs:
    """A role, and who may assume it: the people of an app. Raises InvalidArgs."""

    role_name: str
    """The role's name in AWS. It is chosen, not generated: Okta's assignments quote it."""

    app: OktaAwsApp | SamlIdentityProvider | None = None
    """Whose people assume the role: the app, or the SAML provider of a further account. The role
    is created after it."""

    provider_arns: Sequence[Input[str]] = ()
    """ARNs of the SAML providers in the role's trust policy (`Principal.Federated`), in order; the
    first is used in `saml_role_value`. None: that of `app`."""

    audiences: Sequence[str] = ()
    """The sign-in endpoints that an assertion may be addressed to: `SAML:aud`. None: those of
    `app`; without one, that of the partition of the first ARN."""

    trust: Trust = field(default_factory=Trust)
    """What else the role requires of people, and who else may assume it."""

    policies: RolePolicies = field(default_factory=RolePolicies)
    """What people may do in the role."""

    permissions_boundary: Input[str] | None = None
    """ARN of the permissions boundary."""

    path: str = "/"
    """The role's path in IAM."""

    description: str = ""
    """What the role is for, as the console shows it."""

    tags: Mapping[str, str] = field(default_factory=dict)
    """Tags of the role, and of the policies created for it."""

    max_session_hours: int = 1
    """The longest session: 1 to 12."""

    sign_in_alarm_targets: Mapping[str, str] = field(default_factory=dict)
    """Region -> ARN of the topic or queue that gets an event whenever the role is assumed there."""

    trust_quota: int = defaults.TRUST_POLICY_CHARACTERS
    """How many characters AWS takes as trust policy: 2048, or what the account was raised to."""

    def __post_init__(self) -> None:
        require_range("max_session_hours", self.max_session_hours, defaults.SESSION_HOURS)
        if not self.saml_provider_arns:
            raise InvalidArgs(f"provider_arns of {self.role_name} must name a SAML provider: app")
        if not self.saml_audiences:
            raise InvalidArgs(
                f"audiences of {self.role_name} must name a sign-in endpoint: its provider's ARN "
                "is not known yet"
            )
        if not (self.path.startswith("/") and self.path.endswith("/")):
            raise InvalidArgs(f"path must begin and end with /, not {self.path!r}")
        with as_invalid_args():
            refuse_foreign_principals(self.saml_provider_arns, self.trust)
            size = minimum_size(self.saml_provider_arns, self.saml_audiences, self.trust)
        if size > self.trust_quota:
            raise InvalidArgs(
                f"trust of {self.role_name} must take at most {self.trust_quota} characters, "
                f"not {size}: ask AWS for a higher quota, or trust less"
            )

    @property
    def saml_provider_arns(self) -> Sequence[Input[str]]:
        """`provider_arns`, or what follows from `app`."""
        if self.provider_arns or self.app is None:
            return self.provider_arns
        return self.app.expected_provider_arns

    @property
    def saml_audiences(self) -> Sequence[str]:
        """`audiences`, or what follows from `app` or from the first ARN."""
        if self.audiences or self.app is not None:
            return self.audiences or (self.app.audiences if self.app else ())
        first = self.provider_arns[0]
        return [sign_in_url_of(first)] if isinstance(first, str) else ()


def sign_in_url_of(provider_arn: str) -> str:
    """The sign-in endpoint of the partition of a SAML provider. Raises InvalidArgs."""
    partition = "".join(provider_arn.split(":")[1:2])
    try:
        return partition_named(partition).sign_in_url
    except ValueError as error:
        raise InvalidArgs(f"partition of provider_arns {provider_arn} {error}") from None


class FederatedRole(ComponentResource):
    """A role with its trust policy, its permissions, and an alarm where one is wanted.

    Its options take an `aws` provider.
    """

    role_name: Output[str]
    """The role's name in AWS: what an Okta assignment quotes."""
    arn: Output[str]
    """The role's ARN."""
    trust_policy: Output[str]
    """Who may assume the role, JSON: for roles of other stacks that the same people assume."""
    saml_role_value: Output[str]
    """`provider ARN,role ARN`: the value of the assertion's `Role` attribute."""

    def __init__(
        self, name: str, args: FederatedRoleArgs, opts: ResourceOptions | None = None
    ) -> None:
        super().__init__("okta-aws-federation:index:FederatedRole", name, None, opts)

        provider_arns = args.saml_provider_arns
        self.trust_policy = as_json(build_document(provider_arns, args.saml_audiences, args.trust))
        role = Role(
            f"{name}-role",
            name=args.role_name,
            assume_role_policy=self.trust_policy,
            description=args.description,
            max_session_duration=args.max_session_hours * 3600,
            path=args.path,
            permissions_boundary=args.permissions_boundary,
            tags=args.tags or None,
            opts=ResourceOptions(
                parent=self, depends_on=[*args.app.saml_providers] if args.app else None
            ),
        )
        attach_policies(name, role, args, self)
        sign_in_alarm(name, args.role_name, role.arn, args.sign_in_alarm_targets, args.tags, self)

        self.role_name = role.name
        self.arn = role.arn
        self.saml_role_value = Output.concat(provider_arns[0], ",", role.arn)
        self.register_outputs(
            {
                "roleName": self.role_name,
                "arn": self.arn,
                "trustPolicy": self.trust_policy,
                "samlRoleValue": self.saml_role_value,
            }
        )


def attach_policies(
    name: str, role: Role, args: FederatedRoleArgs, component: ComponentResource
) -> None:
    """Create the policies and attach them. They can be detached, however protected the rest is."""
    policies, tags = args.policies, args.tags or None

    customer_arns = {
        short: Policy(
            child_name(name, short),
            name=short,
            policy=document,
            tags=tags,
            # A policy that was imported may have one, and another would replace the policy.
            opts=revocable_options(component, name, short, ignored="description"),
        ).arn
        for short, document in policies.customer.items()
    }
    attachments = {
        short: RolePolicyAttachment(
            child_name(name, short),
            role=role.name,
            policy_arn=arn,
            opts=revocable_options(component, name, short),
        )
        for short, arn in {**policies.managed, **customer_arns}.items()
    }
    inline_policies = {
        short: RolePolicy(
            child_name(name, short, suffix="-inline"),
            name=short,
            role=role.name,
            policy=document,
            opts=revocable_options(component, name, short, suffix="-inline"),
        )
        for short, document in policies.inline.items()
    }
    if policies.exclusive:
        revocable = ResourceOptions(parent=component, protect=False)
        RolePolicyAttachmentsExclusive(
            f"{name}-attachments",
            role_name=role.name,
            policy_arns=[attachments[short].policy_arn for short in sorted(attachments)],
            opts=revocable,
        )
        RolePoliciesExclusive(
            f"{name}-inline-policies",
            role_name=role.name,
            policy_names=[inline_policies[short].name for short in sorted(inline_policies)],
            opts=revocable,
        )
