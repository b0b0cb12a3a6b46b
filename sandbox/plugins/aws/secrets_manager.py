"""Secrets of Secrets Manager, and the versions of their values."""

import base64
from typing import Any

from sandbox.plugins.aws import names, tags
from sandbox.plugins.aws.account import Account
from sandbox.plugins.aws.documents import DOCUMENT, normalized
from sandbox.plugins.aws.service import AwsError, Service, error_context
from sandbox.plugins.schema import FLAG, LIST, NUMBER, SET, Calls, Changed, Input, Resource, Values
from sandbox.plugins.validation import policy_document


def manager(account: Account, inputs: Values) -> Service:
    return account.service("secretsmanager", inputs.get("region"))


def create_secret(account: Account, inputs: Values) -> tuple[str, Values]:
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


def read_secret(account: Account, arn: str, state: Values) -> Values | None:
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


def update_secret(
    account: Account, arn: str, state: Values, inputs: Values, changed: Changed
) -> None:
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


def delete_secret(account: Account, arn: str, state: Values) -> None:
    """A window of no days deletes at once; else the name is taken until the window has passed."""
    days = state.get("recoveryWindowInDays", 30)
    how = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
    with error_context(f"deleting Secrets Manager Secret ({arn})"):
        manager(account, state).if_exists("DeleteSecret", SecretId=arn, **how)


def _valid_secret(inputs: Values) -> list[str]:
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
    calls=Calls(create_secret, read_secret, update_secret, delete_secret),
    derived=tags.with_defaults_and_region,
    valid=_valid_secret,
)


CURRENT = "AWSCURRENT"


def create_version(account: Account, inputs: Values) -> tuple[str, Values]:
    secret = inputs["secretId"]
    value: dict[str, Any] = {}
    if "secretBinary" in inputs:
        value["SecretBinary"] = base64.b64decode(inputs["secretBinary"])
    else:
        value["SecretString"] = inputs["secretString"]
    if stages := inputs.get("versionStages"):
        value["VersionStages"] = stages
    with error_context(f"putting Secrets Manager Secret ({secret}) value"):
        made = manager(account, inputs)("PutSecretValue", SecretId=secret, **value)
    return f"{secret}|{made['VersionId']}", {}


def read_version(account: Account, identifier: str, state: Values) -> Values | None:
    secret, _, version = identifier.partition("|")
    with error_context(f"reading Secrets Manager Secret Version ({identifier})"):
        try:
            response = manager(account, state).if_exists(
                "GetSecretValue", SecretId=secret, VersionId=version
            )
        except AwsError as error:
            if error.code != "InvalidRequestException":  # the secret waits for its deletion
                raise
            return None
    if response is None:
        return None
    binary = response.get("SecretBinary")
    return {
        "arn": response["ARN"],
        "hasSecretStringWo": False,
        "region": state.get("region", account.region),
        "secretArn": response["ARN"],
        "secretBinary": base64.b64encode(binary).decode() if binary else "",
        "secretId": secret,
        "secretString": response.get("SecretString", ""),
        "versionId": version,
        "versionStages": sorted(response.get("VersionStages", [])),
    }


def update_version(
    account: Account, identifier: str, state: Values, inputs: Values, changed: Changed
) -> None:
    secret, _, version = identifier.partition("|")
    old, new = set(state.get("versionStages", [])), set(inputs["versionStages"])
    with error_context(f"updating Secrets Manager Secret Version ({identifier}) stages"):
        for stage in sorted(new - old):
            _move(account, inputs, secret, stage, MoveToVersionId=version)
        for stage in sorted(old - new - {CURRENT}):
            _move(account, inputs, secret, stage, RemoveFromVersionId=version)


def delete_version(account: Account, identifier: str, state: Values) -> None:
    """A version ends when it has no stage; the current one stays until its secret goes."""
    secret, _, version = identifier.partition("|")
    response = read_version(account, identifier, state) or {"versionStages": []}
    with error_context(f"deleting Secrets Manager Secret Version ({identifier})"):
        for stage in response["versionStages"]:
            if stage != CURRENT:
                _move(account, state, secret, stage, RemoveFromVersionId=version)


def _move(account: Account, inputs: Values, secret: str, stage: str, **where: str) -> None:
    move = "UpdateSecretVersionStage"
    manager(account, inputs).if_exists(move, SecretId=secret, VersionStage=stage, **where)


def _valid_version(inputs: Values) -> list[str]:
    values = [name for name in ("secretBinary", "secretString") if name in inputs]
    if len(values) == 1:
        return []
    return ['"secret_string": one of `secret_binary,secret_string` must be specified']


SECRET_VERSION = Resource(
    type="aws:secretsmanager/secretVersion:SecretVersion",
    inputs={
        "region": Input(computed=True, replaces=True),
        "secretBinary": Input(replaces=True),
        "secretId": Input(required=True, replaces=True),
        "secretString": Input(replaces=True),
        "secretStringWo": Input(supported=False),
        "secretStringWoVersion": Input(value_type=NUMBER, supported=False),
        "versionStages": Input(value_type=SET, computed=True),
    },
    outputs=("arn", "hasSecretStringWo", "secretArn", "versionId"),
    secrets=("secretBinary", "secretString", "secretStringWo"),
    calls=Calls(create_version, read_version, update_version, delete_version),
    derived=lambda account, inputs: {"region": inputs.get("region", account.region)},
    valid=_valid_version,
)
