"""EventBridge rules that send each AssumeRoleWithSAML of a role to a target.

CloudTrail records the sign-in in the region whose sign-in page was used (the global page is that of
us-east-1), and EventBridge there passes it on. Both act in one region, so there is a rule in each.
Source: EventBridge User Guide, "AWS service events delivered via AWS CloudTrail".
"""

import hashlib
import json
import re
from collections.abc import Mapping

from pulumi import Alias, ComponentResource, Output, ResourceOptions
from pulumi_aws import cloudwatch  # a lazy module: loaded only for a role with alarms


def sign_in_alarm(
    name: str,
    role_name: str,
    role_arn: Output[str],
    targets: Mapping[str, str],
    tags: Mapping[str, str],
    component: ComponentResource,
) -> None:
    """One rule for each target, by region. The target's own policy lets EventBridge send to it."""
    for region, target in targets.items():
        rule = cloudwatch.EventRule(
            f"{name}-entered-{region}",
            name=event_rule_name(role_name),
            description=f"Somebody has entered {role_name}.",
            event_pattern=role_arn.apply(sign_in_event_pattern),
            # A sign-in counts as a read-only event, and a rule that is only enabled may miss it.
            state="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
            region=region,
            tags=tags or None,
            opts=ResourceOptions(parent=component),
        )
        cloudwatch.EventTarget(
            f"{name}-target-{region}",
            rule=rule.name,
            target_id="alarm",
            arn=target,
            region=region,
            opts=ResourceOptions(parent=component, aliases=[Alias(name=f"{name}-told-{region}")]),
        )


def event_rule_name(role_name: str) -> str:
    """`Audit` -> `Audit-entered`. EventBridge takes 64 of `A-Za-z0-9._-`: a name that is too long
    or has another character is mapped, and a hash of the role's name makes it unique again."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "-", role_name)
    if plain == role_name and len(role_name) <= 56:
        return f"{role_name}-entered"
    return f"{plain[:43]}-{hashlib.sha256(role_name.encode()).hexdigest()[:12]}-entered"


def sign_in_event_pattern(role_arn: str) -> str:
    """The event pattern, JSON: sign-ins to the role, and attempts that were refused."""
    return json.dumps(
        {
            "source": ["aws.sts"],
            "detail-type": ["AWS API Call via CloudTrail"],
            "detail": {
                "eventSource": ["sts.amazonaws.com"],
                "eventName": ["AssumeRoleWithSAML"],
                "requestParameters": {"roleArn": [role_arn]},
            },
        }
    )
