"""Customer-managed policies and their versions."""

import time

from sandbox.plugins.aws import names, tags
from sandbox.plugins.aws.account import Account
from sandbox.plugins.aws.documents import DOCUMENT, shown
from sandbox.plugins.aws.service import doing
from sandbox.plugins.schema import NUMBER, Input, Resource
from sandbox.plugins.validation import length, matching, policy_document
from sandbox.plugins.values import Values

MOST_VERSIONS = 5
"""A policy may have this many; the default one among them."""


def create(account: Account, inputs: Values) -> tuple[str, Values]:
    name, description = names.chosen(inputs), inputs.get("description")
    with doing(f"creating IAM Policy ({name})"):
        made = account.iam(
            "CreatePolicy",
            PolicyName=name,
            Path=inputs["path"],
            PolicyDocument=inputs["policy"],
            **({"Description": description} if description else {}),
            **tags.wanted(inputs),
        )
    time.sleep(inputs.get("delayAfterPolicyCreationInMs", 0) / 1000)
    return made["Policy"]["Arn"], {}


def read(account: Account, arn: str, state: Values) -> Values | None:
    with doing(f"reading IAM Policy ({arn})"):
        found = account.iam.unless_gone("GetPolicy", PolicyArn=arn)
        if found is None:
            return None
        policy = found["Policy"]
        default = policy["DefaultVersionId"]
        version = account.iam("GetPolicyVersion", PolicyArn=arn, VersionId=default)
    return {
        "arn": arn,
        "attachmentCount": policy["AttachmentCount"],
        "description": policy.get("Description", ""),
        "name": policy["PolicyName"],
        "namePrefix": state.get("namePrefix", ""),
        "path": policy["Path"],
        "policy": shown(version["PolicyVersion"]["Document"]),
        "policyId": policy["PolicyId"],
        **tags.found(account, policy.get("Tags"), state),
    }


def update(
    account: Account, arn: str, state: Values, inputs: Values, changed: frozenset[str]
) -> None:
    iam = account.iam
    with doing(f"updating IAM Policy ({arn})"):
        if "policy" in changed:
            versions = iam.every("ListPolicyVersions", "Versions", PolicyArn=arn)
            if len(versions) == MOST_VERSIONS:
                others = [one for one in versions if not one["IsDefaultVersion"]]
                oldest = min(others, key=lambda one: one["CreateDate"])["VersionId"]
                iam("DeletePolicyVersion", PolicyArn=arn, VersionId=oldest)
            document = inputs["policy"]
            iam("CreatePolicyVersion", PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)
        tags.change(iam, "TagPolicy", "UntagPolicy", state, inputs, PolicyArn=arn)


def delete(account: Account, arn: str, state: Values) -> None:
    iam = account.iam
    with doing(f"deleting IAM Policy ({arn})"):
        for one in iam.every_unless_gone("ListPolicyVersions", "Versions", PolicyArn=arn) or []:
            if not one["IsDefaultVersion"]:
                version = one["VersionId"]
                iam.unless_gone("DeletePolicyVersion", PolicyArn=arn, VersionId=version)
        iam.unless_gone("DeletePolicy", PolicyArn=arn)


POLICY = Resource(
    type="aws:iam/policy:Policy",
    inputs={
        "delayAfterPolicyCreationInMs": Input(value_type=NUMBER),
        "description": Input(replaces=True, valid=(length(0, 1000),)),
        "name": Input(
            generated=255,
            replaces=True,
            computed=True,
            valid=(length(1, 128), matching(r"[\w+=,.@-]")),
        ),
        "namePrefix": Input(replaces=True, computed=True),
        "path": Input(default="/", replaces=True),
        "policy": Input(value_type=DOCUMENT, required=True, valid=(policy_document,)),
        **tags.TAGS,
    },
    outputs=("arn", "attachmentCount", "policyId"),
    create=create,
    read=read,
    update=update,
    delete=delete,
    derived=tags.with_defaults,
)
