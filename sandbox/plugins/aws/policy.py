"""Customer-managed policies and their versions."""

import time

from sandbox.plugins.aws import names, tags
from sandbox.plugins.aws.account import Account
from sandbox.plugins.aws.documents import DOCUMENT, normalized
from sandbox.plugins.aws.propagation import until_visible
from sandbox.plugins.aws.service import error_context
from sandbox.plugins.schema import NUMBER, Calls, Changed, Input, Resource
from sandbox.plugins.validation import length, policy_document
from sandbox.plugins.values import Values

MOST_VERSIONS = 5
"""A policy may have this many; the default one counts."""


def create(account: Account, inputs: Values) -> tuple[str, Values]:
    name, description = names.resource_name(inputs), inputs.get("description")
    with error_context(f"creating IAM Policy ({name})"):
        made = account.iam(
            "CreatePolicy",
            PolicyName=name,
            Path=inputs["path"],
            PolicyDocument=inputs["policy"],
            **({"Description": description} if description else {}),
            **tags.tags_argument(inputs),
        )
    time.sleep(inputs.get("delayAfterPolicyCreationInMs", 0) / 1000)
    return made["Policy"]["Arn"], {}


def read(account: Account, arn: str, state: Values) -> Values | None:
    with error_context(f"reading IAM Policy ({arn})"):
        response = account.iam.if_exists("GetPolicy", PolicyArn=arn)
        if response is None:
            return None
        policy = response["Policy"]
        default = policy["DefaultVersionId"]
        version = account.iam.if_exists("GetPolicyVersion", PolicyArn=arn, VersionId=default)
        if version is None:
            return None
    return {
        "arn": arn,
        "attachmentCount": policy["AttachmentCount"],
        "description": policy.get("Description", ""),
        "name": policy["PolicyName"],
        "namePrefix": state.get("namePrefix", ""),
        "path": policy["Path"],
        "policy": normalized(version["PolicyVersion"]["Document"]),
        "policyId": policy["PolicyId"],
        **tags.tag_outputs(account, policy.get("Tags"), state),
    }


def update(account: Account, arn: str, state: Values, inputs: Values, changed: Changed) -> None:
    iam = account.iam
    with error_context(f"updating IAM Policy ({arn})"):
        if "policy" in changed:
            versions = iam.list_all("ListPolicyVersions", "Versions", PolicyArn=arn)
            if len(versions) == MOST_VERSIONS:
                others = [one for one in versions if not one["IsDefaultVersion"]]
                oldest = min(others, key=lambda one: one["CreateDate"])["VersionId"]
                iam("DeletePolicyVersion", PolicyArn=arn, VersionId=oldest)
            document = inputs["policy"]
            iam("CreatePolicyVersion", PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)
        tags.update_tags(iam, "TagPolicy", "UntagPolicy", state, inputs, PolicyArn=arn)


def delete(account: Account, arn: str, state: Values) -> None:
    iam = account.iam
    with error_context(f"deleting IAM Policy ({arn})"):
        for one in iam.list_if_exists("ListPolicyVersions", "Versions", PolicyArn=arn) or []:
            if not one["IsDefaultVersion"]:
                version = one["VersionId"]
                iam.if_exists("DeletePolicyVersion", PolicyArn=arn, VersionId=version)
        iam.if_exists("DeletePolicy", PolicyArn=arn)


POLICY = Resource(
    type="aws:iam/policy:Policy",
    inputs={
        "delayAfterPolicyCreationInMs": Input(value_type=NUMBER),
        "description": Input(replaces=True, valid=(length(0, 1000),)),
        **names.name_inputs(generated=255, longest=128),
        "path": Input(default="/", replaces=True),
        "policy": Input(value_type=DOCUMENT, required=True, valid=(policy_document,)),
        **tags.TAGS,
    },
    outputs=("arn", "attachmentCount", "policyId"),
    calls=Calls(create, read, update, delete),
    read_created=until_visible(read),
    derived=tags.with_defaults,
)
