"""Parameters of SSM Parameter Store."""

from sandbox.plugins.aws import tags
from sandbox.plugins.aws.account import Account
from sandbox.plugins.aws.service import Service, error_context
from sandbox.plugins.schema import FLAG, NUMBER, Calls, Changed, Input, Resource, Values
from sandbox.plugins.validation import one_of

OPTIONAL = {
    "allowedPattern": "AllowedPattern",
    "dataType": "DataType",
    "description": "Description",
    "keyId": "KeyId",
    "tier": "Tier",
}


def _ssm(account: Account, inputs: Values) -> Service:
    return account.service("ssm", inputs.get("region"))


def create(account: Account, inputs: Values) -> tuple[str, Values]:
    name = inputs["name"]
    with error_context(f"creating SSM Parameter ({name})"):
        _put(account, inputs, overwrite=False, extra=tags.tags_argument(inputs))
    return name, {}


def _put(account: Account, inputs: Values, *, overwrite: bool, extra: Values) -> None:
    _ssm(account, inputs)(
        "PutParameter",
        Name=inputs["name"],
        Overwrite=overwrite,
        Type=inputs["type"],
        Value=inputs["value"],
        **{key: inputs[name] for name, key in OPTIONAL.items() if inputs.get(name)},
        **extra,
    )


def read(account: Account, name: str, state: Values) -> Values | None:
    ssm = _ssm(account, state)
    with error_context(f"reading SSM Parameter ({name})"):
        response = ssm.if_exists("GetParameter", Name=name, WithDecryption=True)
        if response is None:
            return None
        only = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
        described = ssm("DescribeParameters", ParameterFilters=only)["Parameters"]
        listing = ssm("ListTagsForResource", ResourceType="Parameter", ResourceId=name)
    parameter, detail = response["Parameter"], described[0] if described else {}
    return {
        "allowedPattern": detail.get("AllowedPattern", ""),
        "arn": parameter["ARN"],
        "dataType": parameter.get("DataType", "text"),
        "description": detail.get("Description", ""),
        "hasValueWo": False,
        "keyId": detail.get("KeyId", ""),
        "name": name,
        "region": state.get("region", account.region),
        "tier": detail.get("Tier", "Standard"),
        "type": parameter["Type"],
        "value": parameter["Value"],
        "version": parameter["Version"],
        **tags.tag_outputs(account, listing.get("TagList"), state),
    }


def update(account: Account, name: str, state: Values, inputs: Values, changed: Changed) -> None:
    ssm = _ssm(account, inputs)
    with error_context(f"updating SSM Parameter ({name})"):
        if changed - {"tags", "tagsAll"}:
            _put(account, inputs, overwrite=True, extra={})
        thing = {"ResourceType": "Parameter", "ResourceId": name}
        tags.update_tags(ssm, "AddTagsToResource", "RemoveTagsFromResource", state, inputs, **thing)


def delete(account: Account, name: str, state: Values) -> None:
    with error_context(f"deleting SSM Parameter ({name})"):
        _ssm(account, state).if_exists("DeleteParameter", Name=name)


def valid(inputs: Values) -> list[str]:
    if "value" in inputs:
        return []
    return ['"insecure_value": one of `insecure_value,value,value_wo` must be specified']


PARAMETER = Resource(
    type="aws:ssm/parameter:Parameter",
    inputs={
        "allowedPattern": Input(),
        "arn": Input(computed=True, supported=False),
        "dataType": Input(computed=True, replaces=True),
        "description": Input(),
        "insecureValue": Input(computed=True, supported=False),
        "keyId": Input(computed=True),
        "name": Input(generated=255, replaces=True),
        "overwrite": Input(value_type=FLAG, supported=False),
        "region": Input(computed=True, replaces=True),
        "tier": Input(computed=True),
        "type": Input(required=True, valid=(one_of("String", "StringList", "SecureString"),)),
        "value": Input(computed=True),
        "valueWo": Input(supported=False),
        "valueWoVersion": Input(value_type=NUMBER, supported=False),
        **tags.TAGS,
    },
    outputs=("hasValueWo", "version"),
    secrets=("value", "valueWo"),
    calls=Calls(create, read, update, delete),
    derived=tags.with_defaults_and_region,
    valid=valid,
)
