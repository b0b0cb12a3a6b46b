"""One version of a secret's value. Ids are `<secret's ARN>|<version's id>`."""

import base64
from typing import Any

from sandbox.plugins.aws.account import Account
from sandbox.plugins.aws.secret import manager
from sandbox.plugins.aws.service import AwsError, error_context
from sandbox.plugins.schema import NUMBER, SET, Calls, Changed, Input, Resource
from sandbox.plugins.values import Values

CURRENT = "AWSCURRENT"


def create(account: Account, inputs: Values) -> tuple[str, Values]:
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


def read(account: Account, identifier: str, state: Values) -> Values | None:
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


def update(
    account: Account, identifier: str, state: Values, inputs: Values, changed: Changed
) -> None:
    secret, _, version = identifier.partition("|")
    old, new = set(state.get("versionStages", [])), set(inputs["versionStages"])
    with error_context(f"updating Secrets Manager Secret Version ({identifier}) stages"):
        for stage in sorted(new - old):
            _move(account, inputs, secret, stage, MoveToVersionId=version)
        for stage in sorted(old - new - {CURRENT}):
            _move(account, inputs, secret, stage, RemoveFromVersionId=version)


def delete(account: Account, identifier: str, state: Values) -> None:
    """A version ends when it has no stage; the current one stays until its secret goes."""
    secret, _, version = identifier.partition("|")
    response = read(account, identifier, state) or {"versionStages": []}
    with error_context(f"deleting Secrets Manager Secret Version ({identifier})"):
        for stage in response["versionStages"]:
            if stage != CURRENT:
                _move(account, state, secret, stage, RemoveFromVersionId=version)


def _move(account: Account, inputs: Values, secret: str, stage: str, **where: str) -> None:
    move = "UpdateSecretVersionStage"
    manager(account, inputs).if_exists(move, SecretId=secret, VersionStage=stage, **where)


def _valid(inputs: Values) -> list[str]:
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
    calls=Calls(create, read, update, delete),
    derived=lambda account, inputs: {"region": inputs.get("region", account.region)},
    valid=_valid,
)
