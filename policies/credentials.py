"""What outlives a session: users, the policies on them, and their keys."""

from pulumi_policy import (
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
)

from findings import configurable, of, report_open

USER_POLICY = "aws:iam/userPolicy:UserPolicy"
USER_POLICY_ATTACHMENT = "aws:iam/userPolicyAttachment:UserPolicyAttachment"
POLICY_ATTACHMENT = "aws:iam/policyAttachment:PolicyAttachment"


def check_user_policy(args: ResourceValidationArgs, report: ReportViolation) -> None:
    if args.resource_type == USER_POLICY:
        key, fix = "inline", "write it as a GroupPolicy"
    elif args.resource_type == USER_POLICY_ATTACHMENT or (
        args.resource_type == POLICY_ATTACHMENT and args.props.get("users")
    ):
        key, fix = "attached", "attach it to a group with GroupPolicyAttachment"
    else:
        return
    found = of(
        args,
        key,
        f"'{args.name}' must not give a policy to a user directly: "
        f"{fix}, and put the user in the group with UserGroupMembership.",
    )
    report_open([found], args.get_config(), report)


user_policy_via_group = ResourceValidationPolicy(
    name="user-policy-via-group",
    description="A user gets permissions only by being in a group.",
    validate=check_user_policy,
    config_schema=configurable(),
    severity=Severity.MEDIUM,
)
