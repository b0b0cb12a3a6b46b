"""Secrets of Secrets Manager: the box, not what is in it."""

from typing import Any

from sandbox.plugins.aws import names, tags
from sandbox.plugins.aws.account import Account
from sandbox.plugins.aws.documents import DOCUMENT, normalized
from sandbox.plugins.aws.service import Service, error_context
from sandbox.plugins.schema import FLAG, LIST, NUMBER, Calls, Changed, Input, Resource
from sandbox.plugins.validation import policy_document
from sandbox.plugins.values import Values


def manager(account: Account, inputs: Values) -> Service:
    return account.service("secretsmanager", inputs.get("region"))


def create(account: Account, inputs: Values) -> tuple[str, Values]:
    name, secrets = names.resource_name(inputs), manager(account, inputs)
    optional = {"Description": inputs.get("description"), "KmsKeyId": inputs.get("kmsKeyId")}
    with error_context(f"creating Secrets Manager Secret ({name})"):
        made = secrets(
            "CreateSecret",
            Name=name,
            **{key: value for key, value in optional.items() if value},
            **tags.tags_argument(inputs),
        )
        if inputs.get("policy"):
            policy = inputs["policy"]
            secrets("PutResourcePolicy", SecretId=made["ARN"], ResourcePolicy=policy)
    return made["ARN"], {}


def read(account: Account, arn: str, state: Values) -> Values | None:
    secrets = manager(account, state)
    with error_context(f"reading Secrets Manager Secret ({arn})"):
        response = secrets.if_exists("DescribeSecret", SecretId=arn)
        if response is None or response.get("DeletedDate"):
            return None
        policy = secrets("GetResourcePolicy", SecretId=arn).get("ResourcePolicy")
    return {
        "arn": response["ARN"],
        "description": response.get("Description", ""),
        "kmsKeyId": response.get("KmsKeyId", ""),
        "name": response["Name"],
        "namePrefix": state.get("namePrefix", ""),
        "policy": normalized(policy) if policy else "",
        "region": state.get("region", account.region),
        "replicas": [],
        **tags.tag_outputs(account, response.get("Tags"), state),
    }


def update(account: Account, arn: str, state: Values, inputs: Values, changed: Changed) -> None:
    secrets = manager(account, inputs)
    with error_context(f"updating Secrets Manager Secret ({arn})"):
        if changed & {"description", "kmsKeyId"}:
            optional: dict[str, Any] = {"Description": inputs.get("description", "")}
            if inputs.get("kmsKeyId"):
                optional["KmsKeyId"] = inputs["kmsKeyId"]
            secrets("UpdateSecret", SecretId=arn, **optional)
        if "policy" in changed and inputs.get("policy"):
            policy = inputs["policy"]
            secrets("PutResourcePolicy", SecretId=arn, ResourcePolicy=policy)
        elif "policy" in changed:
            secrets("DeleteResourcePolicy", SecretId=arn)
        tags.update_tags(secrets, "TagResource", "UntagResource", state, inputs, SecretId=arn)


def delete(account: Account, arn: str, state: Values) -> None:
    """A window of no days deletes at once; else the name is taken until the window has passed."""
    days = state.get("recoveryWindowInDays", 30)
    how = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
    with error_context(f"deleting Secrets Manager Secret ({arn})"):
        manager(account, state).if_exists("DeleteSecret", SecretId=arn, **how)


def _valid(inputs: Values) -> list[str]:
    days = inputs.get("recoveryWindowInDays")
    if days == 0 or not isinstance(days, int) or 7 <= days <= 30:
        return []
    return [f"expected recovery_window_in_days to be 0 or in the range (7 - 30), got {days}"]


SECRET = Resource(
    type="aws:secretsmanager/secret:Secret",
    inputs={
        "description": Input(),
        "forceOverwriteReplicaSecret": Input(value_type=FLAG),
        "kmsKeyId": Input(),
        "name": Input(generated=255, replaces=True, computed=True),
        "namePrefix": Input(replaces=True, computed=True),
        "policy": Input(value_type=DOCUMENT, computed=True, valid=(policy_document,)),
        "recoveryWindowInDays": Input(value_type=NUMBER, default=30),
        "region": Input(computed=True, replaces=True),
        "replicas": Input(value_type=LIST, computed=True, supported=False),
        "type": Input(computed=True, supported=False),
        **tags.TAGS,
    },
    outputs=("arn",),
    calls=Calls(create, read, update, delete),
    derived=tags.with_defaults_and_region,
    valid=_valid,
)
