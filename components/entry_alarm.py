"""A word to somebody each time a role is entered: for roles that nobody enters on a normal day.

CloudTrail records the sign-in in the region whose sign-in page was used (the global page is that of
us-east-1), and EventBridge there passes it on. Both act in one region, so there is a rule in each.
Source: EventBridge User Guide, "AWS service events delivered via AWS CloudTrail".
"""

import json
import re
from collections.abc import Mapping

from pulumi import Input, Output, ResourceOptions
from pulumi_aws.cloudwatch import EventRule, EventTarget


def entry_alarm(
    name: str,
    role: tuple[str, Input[str]],
    topics: Mapping[str, str],
    tags: Mapping[str, str],
    child: ResourceOptions,
) -> None:
    """`role`: its name and ARN. `topics`: region -> ARN of what lets EventBridge send to it."""
    role_name, arn = role
    for region, topic in topics.items():
        rule = EventRule(
            f"{name}-entered-{region}",
            name=re.sub(r"[^\w.-]", "-", f"{role_name[:56]}-entered"),
            description=f"Somebody has entered {role_name}.",
            event_pattern=Output.from_input(arn).apply(entries_of),
            # A sign-in counts as a read-only event, and a rule that is only enabled may miss it.
            state="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
            region=region,
            tags=tags or None,
            opts=child,
        )
        EventTarget(
            f"{name}-told-{region}",
            rule=rule.name,
            target_id="alarm",
            arn=topic,
            region=region,
            opts=child,
        )


def entries_of(role_arn: str) -> str:
    """The event pattern, JSON: entries into the role, and attempts that were refused."""
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
