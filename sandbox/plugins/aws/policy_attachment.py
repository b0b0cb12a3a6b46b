"""Attachments of managed policies to roles, groups and users."""

from sandbox.plugins.aws.account import Account
from sandbox.plugins.aws.propagation import CONCURRENT, until_visible
from sandbox.plugins.aws.service import error_context
from sandbox.plugins.schema import Calls, Input, Resource
from sandbox.plugins.values import Values


def attachment_resource(holder: str) -> Resource:
    """The type for a holder such as `role`. Ids are `<holder's name>/<policy's ARN>`."""
    kind = holder.capitalize()

    def what(name: str, arn: str) -> dict[str, str]:
        return {f"{kind}Name": name, "PolicyArn": arn}

    def create(account: Account, inputs: Values) -> tuple[str, Values]:
        name, arn = inputs[holder], inputs["policyArn"]
        with error_context(f"attaching IAM Policy ({arn}) to IAM {kind} ({name})"):
            account.iam.until_propagated(CONCURRENT, f"Attach{kind}Policy", **what(name, arn))
        return f"{name}/{arn}", {}

    def read(account: Account, identifier: str, state: Values) -> Values | None:
        name, _, arn = identifier.partition("/")
        listing = f"ListAttached{kind}Policies", "AttachedPolicies"
        with error_context(f"reading IAM {kind} Policy Attachment ({identifier})"):
            response = account.iam.list_if_exists(*listing, **{f"{kind}Name": name}) or []
        if arn not in {policy["PolicyArn"] for policy in response}:
            return None
        return {holder: name, "policyArn": arn}

    def delete(account: Account, identifier: str, state: Values) -> None:
        name, arn = state[holder], state["policyArn"]
        with error_context(f"detaching IAM Policy ({arn}) from IAM {kind} ({name})"):
            account.iam.if_exists(f"Detach{kind}Policy", **what(name, arn))

    return Resource(
        type=f"aws:iam/{holder}PolicyAttachment:{kind}PolicyAttachment",
        inputs={
            holder: Input(required=True, replaces=True),
            "policyArn": Input(required=True, replaces=True),
        },
        calls=Calls(create, read, None, delete),
        read_created=until_visible(read),
        delete_before_replace=True,
    )


ATTACHMENTS = tuple(attachment_resource(holder) for holder in ("role", "group", "user"))
