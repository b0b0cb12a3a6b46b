"""Rules of EventBridge on its default bus, and their targets of any kind, by ARN only."""

from sandbox.plugins.aws import tags
from sandbox.plugins.aws.account import Account
from sandbox.plugins.aws.service import Service, error_context
from sandbox.plugins.schema import (
    FLAG,
    JSON,
    LIST,
    MAP,
    Calls,
    Changed,
    CloudError,
    Input,
    Resource,
    Values,
)
from sandbox.plugins.validation import length, matching, one_of

STATES = ("ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")


def events(account: Account, inputs: Values) -> Service:
    return account.service("events", inputs.get("region"))


def create_rule(account: Account, inputs: Values) -> tuple[str, Values]:
    with error_context(f"creating EventBridge Rule ({inputs['name']})"):
        _put_rule(account, inputs, tags.tags_argument(inputs))
    return inputs["name"], {}


def _put_rule(account: Account, inputs: Values, extra: Values) -> None:
    events(account, inputs)(
        "PutRule",
        Name=inputs["name"],
        EventPattern=inputs["eventPattern"],
        State=inputs["state"],
        **({"Description": inputs["description"]} if inputs.get("description") else {}),
        **extra,
    )


def read_rule(account: Account, name: str, state: Values) -> Values | None:
    with error_context(f"reading EventBridge Rule ({name})"):
        response = events(account, state).if_exists("DescribeRule", Name=name)
        if response is None:
            return None
        listing = events(account, state)("ListTagsForResource", ResourceARN=response["Arn"])
    return {
        "arn": response["Arn"],
        "description": response.get("Description", ""),
        "eventBusName": response.get("EventBusName", "default"),
        "eventPattern": response.get("EventPattern", ""),
        "name": name,
        "region": state.get("region", account.region),
        "state": response["State"],
        **tags.tag_outputs(account, listing.get("Tags"), state),
    }


def update_rule(
    account: Account, name: str, state: Values, inputs: Values, changed: Changed
) -> None:
    with error_context(f"updating EventBridge Rule ({name})"):
        if changed - {"tags", "tagsAll"}:
            _put_rule(account, inputs, {})
        service = events(account, inputs)
        tags.update_tags(
            service, "TagResource", "UntagResource", state, inputs, ResourceARN=state["arn"]
        )


def delete_rule(account: Account, name: str, state: Values) -> None:
    with error_context(f"deleting EventBridge Rule ({name})"):
        events(account, state).if_exists("DeleteRule", Name=name)


EVENT_RULE = Resource(
    type="aws:cloudwatch/eventRule:EventRule",
    inputs={
        "description": Input(),
        "eventBusName": Input(default="default", replaces=True, valid=(one_of("default"),)),
        "eventPattern": Input(value_type=JSON),
        "forceDestroy": Input(value_type=FLAG, supported=False),
        "isEnabled": Input(value_type=FLAG, supported=False),
        "name": Input(generated=64, replaces=True, valid=(length(1, 64), matching(r"[\w.-]"))),
        "namePrefix": Input(supported=False),
        "region": Input(computed=True, replaces=True),
        "roleArn": Input(supported=False),
        "scheduleExpression": Input(supported=False),
        "state": Input(default="ENABLED", valid=(one_of(*STATES),)),
        **tags.TAGS,
    },
    outputs=("arn",),
    calls=Calls(create_rule, read_rule, update_rule, delete_rule),
    derived=tags.with_defaults_and_region,
    valid=lambda inputs: (
        [] if inputs.get("eventPattern") else ['"event_pattern": the emulator makes no schedules']
    ),
)


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


def create_target(account: Account, inputs: Values) -> tuple[str, Values]:
    rule, target = inputs["rule"], inputs["targetId"]
    with error_context(f"creating EventBridge Target ({rule}-{target})"):
        _put_target(account, inputs)
    return f"{rule}-{target}", {}


def _put_target(account: Account, inputs: Values) -> None:
    target = {"Id": inputs["targetId"], "Arn": inputs["arn"]}
    done = events(account, inputs)("PutTargets", Rule=inputs["rule"], Targets=[target])
    if done["FailedEntryCount"]:
        raise CloudError(str(done["FailedEntries"][0].get("ErrorMessage", "PutTargets failed")))


def read_target(account: Account, identifier: str, state: Values) -> Values | None:
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


def update_target(
    account: Account, target: str, state: Values, inputs: Values, changed: Changed
) -> None:
    with error_context(f"updating EventBridge Target ({target})"):
        _put_target(account, inputs)


def delete_target(account: Account, identifier: str, state: Values) -> None:
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
    calls=Calls(create_target, read_target, update_target, delete_target),
    derived=lambda account, inputs: {"region": inputs.get("region", account.region)},
)
