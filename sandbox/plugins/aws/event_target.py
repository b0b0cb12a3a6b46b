"""Targets of a rule of EventBridge, of any kind, by ARN only."""

from sandbox.plugins.aws.account import Account
from sandbox.plugins.aws.event_rule import events
from sandbox.plugins.aws.service import error_context
from sandbox.plugins.errors import CloudError
from sandbox.plugins.schema import FLAG, LIST, MAP, Calls, Changed, Input, Resource
from sandbox.plugins.validation import one_of
from sandbox.plugins.values import Values

OTHERS = (
    "appsyncTarget",
    "batchTarget",
    "deadLetterConfig",
    "ecsTarget",
    "httpTarget",
    "inputTransformer",
    "kinesisTarget",
    "redshiftTarget",
    "retryPolicy",
    "sagemakerPipelineTarget",
    "sqsTarget",
)


def create(account: Account, inputs: Values) -> tuple[str, Values]:
    rule, target = inputs["rule"], inputs["targetId"]
    with error_context(f"creating EventBridge Target ({rule}-{target})"):
        _put(account, inputs)
    return f"{rule}-{target}", {}


def _put(account: Account, inputs: Values) -> None:
    target = {"Id": inputs["targetId"], "Arn": inputs["arn"]}
    done = events(account, inputs)("PutTargets", Rule=inputs["rule"], Targets=[target])
    if done["FailedEntryCount"]:
        raise CloudError(str(done["FailedEntries"][0].get("ErrorMessage", "PutTargets failed")))


def read(account: Account, identifier: str, state: Values) -> Values | None:
    """An import's id is `<rule>/<target id>`."""
    rule, _, target = identifier.partition("/")
    if state:
        rule, target = state["rule"], state["targetId"]
    with error_context(f"reading EventBridge Target ({rule}-{target})"):
        response = events(account, state).if_exists("ListTargetsByRule", Rule=rule)
    arns = {one["Id"]: one["Arn"] for one in (response or {}).get("Targets", [])}
    if target not in arns:
        return None
    return {
        "id": f"{rule}-{target}",
        "arn": arns[target],
        "eventBusName": "default",
        "region": state.get("region", account.region),
        "rule": rule,
        "targetId": target,
    }


def update(account: Account, target: str, state: Values, inputs: Values, changed: Changed) -> None:
    with error_context(f"updating EventBridge Target ({target})"):
        _put(account, inputs)


def delete(account: Account, identifier: str, state: Values) -> None:
    with error_context(f"deleting EventBridge Target ({identifier})"):
        events(account, state).if_exists(
            "RemoveTargets", Rule=state["rule"], Ids=[state["targetId"]]
        )


EVENT_TARGET = Resource(
    type="aws:cloudwatch/eventTarget:EventTarget",
    inputs={
        **{name: Input(value_type=MAP, supported=False) for name in OTHERS},
        "arn": Input(required=True),
        "eventBusName": Input(default="default", replaces=True, valid=(one_of("default"),)),
        "forceDestroy": Input(value_type=FLAG, supported=False),
        "input": Input(supported=False),
        "inputPath": Input(supported=False),
        "region": Input(computed=True, replaces=True),
        "roleArn": Input(supported=False),
        "rule": Input(required=True, replaces=True),
        "runCommandTargets": Input(value_type=LIST, supported=False),
        "targetId": Input(generated=64, replaces=True),
    },
    calls=Calls(create, read, update, delete),
    derived=lambda account, inputs: {"region": inputs.get("region", account.region)},
)
