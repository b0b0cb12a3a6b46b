"""What AWS holds in the end.

A rule over one resource sees what the program is about to make. It does not see a role that the
program only reads, one that an update leaves out (--target), or what somebody did by hand. The
finished stack shows all of these, after `pulumi refresh` as AWS has them now.
"""

from collections.abc import Iterator, Sequence

from pulumi_policy import PolicyResource, Severity, StackValidationArgs, StackValidationPolicy

import trust
from findings import Finding, configurable, of, reporting
from privileges import ATTACHMENTS, BREAK_GLASS_ROLES, ROLE, is_administrator_access

TRUST_RULES = {
    trust.saml_trust_has_audience.name: trust.find_no_audience,
    trust.saml_audience_matches_partition.name: trust.find_foreign_audience,
    trust.saml_trust_action_only.name: trust.find_other_action,
    trust.no_wildcard_in_federated_principal.name: trust.find_wildcard_principal,
    trust.tag_session_needs_tag_key_allow_list.name: trust.find_free_tagging,
}
"""The trust rules that need no configuration."""


def attached_by_hand(role: PolicyResource, resources: Sequence[PolicyResource]) -> list[str]:
    """Administrator policies that a role has and that no attachment of the stack gives it."""
    given = {
        resource.props["policyArn"]
        for resource in resources
        if resource.resource_type in ATTACHMENTS
        and role.props["name"] in (resource.props.get("role"), *(resource.props.get("roles") or ()))
    }
    return [arn for arn in _administrator_arns(role) if arn not in given]


def find_trust_in_force(args: StackValidationArgs) -> Iterator[Finding]:
    for resource in args.resources:
        for rule, find in TRUST_RULES.items():
            broken = [finding.sentence for finding in find(resource)]
            if broken:
                yield of(resource, rule, " ".join(broken))


def find_administrator_by_hand(args: StackValidationArgs) -> Iterator[Finding]:
    for role in args.resources:
        if role.resource_type != ROLE or not _administrator_arns(role):
            continue
        if role.props["name"] in args.get_config().get("breakGlassRoles", ()):
            continue
        for arn in attached_by_hand(role, args.resources):
            yield of(
                role,
                "AdministratorAccess",
                f"IAM role '{role.name}' must not have {arn}, which this stack does not attach: "
                "detach it in AWS, or list the role in breakGlassRoles.",
            )


def _administrator_arns(role: PolicyResource) -> list[str]:
    arns = role.props.get("managedPolicyArns") or ()
    return [arn for arn in arns if is_administrator_access(arn)]


saml_trust_in_force = StackValidationPolicy(
    name="saml-trust-in-force",
    description="Every role of the finished stack keeps the trust rules, those it reads included.",
    validate=reporting(find_trust_in_force),
    config_schema=configurable(),
    severity=Severity.CRITICAL,
)

no_administrator_by_hand = StackValidationPolicy(
    name="no-administrator-by-hand",
    description="Nobody made a role an administrator outside the program.",
    validate=reporting(find_administrator_by_hand),
    config_schema=configurable(breakGlassRoles=BREAK_GLASS_ROLES),
    severity=Severity.CRITICAL,
)
