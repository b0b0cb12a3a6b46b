"""A sign-on policy of the app's own: whoever enters AWS shows a second factor."""

from dataclasses import dataclass

from pulumi import Input, Output, ResourceOptions
from pulumi_okta import AppSignonPolicy, AppSignonPolicyRule

from okta_aws_federation import defaults
from okta_aws_federation.okta_app import iso8601_duration

from .errors import InvalidArgs


@dataclass(frozen=True, kw_only=True)
class SignOnPolicy:
    """A policy with one rule, which everybody meets. Raises InvalidArgs."""

    name: str = "AWS"
    """The policy's name in Okta."""

    reauthenticate_hours: int = defaults.REAUTHENTICATE_HOURS
    """After how many hours the second factor is asked again; 0 is each time."""

    def __post_init__(self) -> None:
        if self.reauthenticate_hours < 0:
            raise InvalidArgs(
                f"reauthenticate_hours must be 0 or more, not {self.reauthenticate_hours}"
            )


def sign_on_policy_id(
    name: str, wanted: SignOnPolicy | Input[str] | None, child: ResourceOptions
) -> Input[str] | None:
    """The id of the policy; one that is to be made gets one rule, which everybody meets first."""
    if not isinstance(wanted, SignOnPolicy):
        return wanted
    policy = AppSignonPolicy(
        f"{name}-sign-on",
        name=wanted.name,
        description="Who enters AWS shows a second factor.",
        opts=child,
    )
    AppSignonPolicyRule(
        f"{name}-sign-on-rule",
        policy_id=policy.id,
        name="Second factor",
        access="ALLOW",
        factor_mode="2FA",
        re_authentication_frequency=iso8601_duration(wanted.reauthenticate_hours),
        priority=1,
        opts=child,
    )
    policy_id: Output[str] = policy.id
    return policy_id
