"""Secrets of Secrets Manager, and the versions of their values."""

from typing import Any

from sandbox.plugins.aws import tags
from sandbox.plugins.aws.account import Account
from sandbox.plugins.aws.documents import DOCUMENT, normalized
from sandbox.plugins.aws.service import AwsError, Service, error_context
from sandbox.plugins.schema import FLAG, LIST, NUMBER, SET, Calls, Changed, Input, Resource, Values


def manager(account: Account, inputs: Values) -> Service:
    return account.service("secretsmanager", inputs.get("region"))


def create_secret(account: Account, inputs: Values) -> tuple[str, Values]:
    name, secrets = inputs["name"], manager(account, inputs)
    optional = {"Description": inputs.get("description"), "KmsKeyId": inputs.get("kmsKeyId")}
    with error_context(f"creating Secrets Manager Secret ({name})"):
        made = secrets(
            "CreateSecret",
            Name=name,
            **{key: value for key, value in optional.items() if value},
            **tags.tags_argument(inputs),
        )
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
        "namePrefix": "",
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
        "namePrefix": Input(replaces=True, computed=True, supported=False),
        "policy": Input(value_type=DOCUMENT, computed=True, supported=False),
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
    value = inputs["secretString"]
    with error_context(f"putting Secrets Manager Secret ({secret}) value"):
        made = manager(account, inputs)("PutSecretValue", SecretId=secret, SecretString=value)
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
    return {
        "arn": response["ARN"],
        "hasSecretStringWo": False,
        "region": state.get("region", account.region),
        "secretArn": response["ARN"],
        "secretBinary": "",
        "secretId": secret,
        "secretString": response.get("SecretString", ""),
        "versionId": version,
        "versionStages": sorted(response.get("VersionStages", [])),
    }


def delete_version(account: Account, identifier: str, state: Values) -> None:
    """A version ends when it has no stage; the current one stays until its secret goes."""
    secret, _, version = identifier.partition("|")
    response = read_version(account, identifier, state) or {"versionStages": []}
    with error_context(f"deleting Secrets Manager Secret Version ({identifier})"):
        for stage in response["versionStages"]:
            if stage != CURRENT:
                manager(account, state).if_exists(
                    "UpdateSecretVersionStage",
                    SecretId=secret,
                    VersionStage=stage,
                    RemoveFromVersionId=version,
                )


def _valid_version(inputs: Values) -> list[str]:
    if "secretString" in inputs:
        return []
    return ['"secret_string": one of `secret_binary,secret_string` must be specified']


SECRET_VERSION = Resource(
    type="aws:secretsmanager/secretVersion:SecretVersion",
    inputs={
        "region": Input(computed=True, replaces=True),
        "secretBinary": Input(replaces=True, supported=False),
        "secretId": Input(required=True, replaces=True),
        "secretString": Input(replaces=True),
        "secretStringWo": Input(supported=False),
        "secretStringWoVersion": Input(value_type=NUMBER, supported=False),
        "versionStages": Input(value_type=SET, computed=True, supported=False),
    },
    outputs=("arn", "hasSecretStringWo", "secretArn", "versionId"),
    secrets=("secretBinary", "secretString", "secretStringWo"),
    calls=Calls(create_version, read_version, None, delete_version),
    derived=lambda account, inputs: {"region": inputs.get("region", account.region)},
    valid=_valid_version,
)
