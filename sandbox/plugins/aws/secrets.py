"""Where secrets are kept: SSM Parameter Store and Secrets Manager."""

from sandbox.plugins.aws.account import Account, ask, ask_or_none, tag_list
from sandbox.plugins.schema import Input, Kind, Values


def put_parameter(account: Account, inputs: Values, *, overwrite: bool = False) -> None:
    optional = {"Description": inputs.get("description"), "KeyId": inputs.get("keyId")}
    tags = tag_list(account.default_tags | inputs.get("tags", {}))
    ask(
        account,
        f"putting SSM Parameter ({inputs['name']})",
        account.ssm.put_parameter,
        Name=inputs["name"],
        Type=inputs["type"],
        Value=inputs["value"],
        Overwrite=overwrite,
        # AWS refuses tags together with an overwrite.
        **({"Tags": tags} if tags and not overwrite else {}),
        **{key: value for key, value in optional.items() if value},
    )


def create_parameter(account: Account, inputs: Values) -> tuple[str, Values]:
    put_parameter(account, inputs)
    return inputs["name"], read_parameter(account, inputs["name"], inputs) or {}


def read_parameter(account: Account, name: str, state: Values) -> Values | None:
    found = ask_or_none(
        account,
        f"reading SSM Parameter ({name})",
        account.ssm.get_parameter,
        Name=name,
        WithDecryption=True,
    )
    if found is None:
        return None
    parameter = found["Parameter"]
    return {
        "arn": parameter["ARN"],
        "dataType": parameter.get("DataType", "text"),
        "name": name,
        "type": parameter["Type"],
        "value": parameter["Value"],
        "version": parameter["Version"],
    }


def update_parameter(account: Account, name: str, old: Values, new: Values) -> Values:
    put_parameter(account, new, overwrite=True)
    return read_parameter(account, name, new) or {}


def delete_parameter(account: Account, name: str, state: Values) -> None:
    doing = f"deleting SSM Parameter ({name})"
    ask_or_none(account, doing, account.ssm.delete_parameter, Name=name)


def create_secret(account: Account, inputs: Values) -> tuple[str, Values]:
    optional = {"Description": inputs.get("description"), "KmsKeyId": inputs.get("kmsKeyId")}
    made = ask(
        account,
        f"creating Secrets Manager Secret ({inputs['name']})",
        account.secretsmanager.create_secret,
        Name=inputs["name"],
        Tags=tag_list(account.default_tags | inputs.get("tags", {})),
        **{key: value for key, value in optional.items() if value},
    )
    return made["ARN"], {"arn": made["ARN"]}


def read_secret(account: Account, arn: str, state: Values) -> Values | None:
    doing = f"reading Secrets Manager Secret ({arn})"
    found = ask_or_none(account, doing, account.secretsmanager.describe_secret, SecretId=arn)
    if found is None or "DeletedDate" in found:
        return None
    return state | {
        "arn": arn,
        "description": found.get("Description", ""),
        "kmsKeyId": found.get("KmsKeyId", ""),
        "name": found["Name"],
    }


def update_secret(account: Account, arn: str, old: Values, new: Values) -> Values:
    optional = {"Description": new.get("description"), "KmsKeyId": new.get("kmsKeyId")}
    ask(
        account,
        f"updating Secrets Manager Secret ({arn})",
        account.secretsmanager.update_secret,
        SecretId=arn,
        **{key: value for key, value in optional.items() if value},
    )
    return {}


def delete_secret(account: Account, arn: str, state: Values) -> None:
    days = state.get("recoveryWindowInDays", 30)
    how = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
    doing = f"deleting Secrets Manager Secret ({arn})"
    ask_or_none(account, doing, account.secretsmanager.delete_secret, SecretId=arn, **how)


def put_value(account: Account, inputs: Values) -> tuple[str, Values]:
    secret = inputs["secretId"]
    made = ask(
        account,
        f"putting Secrets Manager Secret value ({secret})",
        account.secretsmanager.put_secret_value,
        SecretId=secret,
        SecretString=inputs["secretString"],
    )
    return f"{secret}|{made['VersionId']}", {
        "arn": made["ARN"],
        "versionId": made["VersionId"],
        "versionStages": made.get("VersionStages", ["AWSCURRENT"]),
    }


def read_value(account: Account, identifier: str, state: Values) -> Values | None:
    secret, _, version = identifier.partition("|")
    found = ask_or_none(
        account,
        f"reading Secrets Manager Secret value ({identifier})",
        account.secretsmanager.get_secret_value,
        SecretId=secret,
        VersionId=version,
    )
    if found is None:
        return None
    return {
        "arn": found["ARN"],
        "secretId": secret,
        "secretString": found["SecretString"],
        "versionId": version,
        "versionStages": found["VersionStages"],
    }


def keep_value(account: Account, identifier: str, state: Values) -> None:
    """A secret's sole current version can't be deleted; it goes with the secret."""


KINDS = (
    Kind(
        type="aws:ssm/parameter:Parameter",
        inputs=(
            Input("description"),
            Input("keyId"),
            Input("name", replaces=True),
            Input("region", replaces=True),
            Input("tags"),
            Input("tagsAll"),
            Input("type", required=True),
            Input("value"),
        ),
        outputs=("arn", "dataType", "version"),
        secrets=("value",),
        longest_name=1011,
        create=create_parameter,
        read=read_parameter,
        update=update_parameter,
        delete=delete_parameter,
    ),
    Kind(
        type="aws:secretsmanager/secret:Secret",
        inputs=(
            Input("description"),
            Input("kmsKeyId"),
            Input("name", replaces=True),
            Input("recoveryWindowInDays"),
            Input("region", replaces=True),
            Input("tags"),
            Input("tagsAll"),
        ),
        outputs=("arn",),
        longest_name=512,
        create=create_secret,
        read=read_secret,
        update=update_secret,
        delete=delete_secret,
    ),
    Kind(
        type="aws:secretsmanager/secretVersion:SecretVersion",
        inputs=(
            Input("region", replaces=True),
            Input("secretId", required=True, replaces=True),
            Input("secretString", replaces=True),
        ),
        outputs=("arn", "versionId", "versionStages"),
        secrets=("secretString",),
        create=put_value,
        read=read_value,
        delete=keep_value,
    ),
)
