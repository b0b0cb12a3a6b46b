"""Rules of EventBridge on its default bus."""

from sandbox.plugins.aws import tags
from sandbox.plugins.aws.account import Account
from sandbox.plugins.aws.service import Service, error_context
from sandbox.plugins.schema import FLAG, JSON, Calls, Changed, Input, Resource
from sandbox.plugins.validation import length, matching, one_of
from sandbox.plugins.values import Values

STATES = ("ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")


def events(account: Account, inputs: Values) -> Service:
    return account.service("events", inputs.get("region"))


def create(account: Account, inputs: Values) -> tuple[str, Values]:
    with error_context(f"creating EventBridge Rule ({inputs['name']})"):
        _put(account, inputs, tags.tags_argument(inputs))
    return inputs["name"], {}


def _put(account: Account, inputs: Values, extra: Values) -> None:
    events(account, inputs)(
        "PutRule",
        Name=inputs["name"],
        EventPattern=inputs["eventPattern"],
        State=inputs["state"],
        **({"Description": inputs["description"]} if inputs.get("description") else {}),
        **extra,
    )


def read(account: Account, name: str, state: Values) -> Values | None:
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


def update(account: Account, name: str, state: Values, inputs: Values, changed: Changed) -> None:
    with error_context(f"updating EventBridge Rule ({name})"):
        if changed - {"tags", "tagsAll"}:
            _put(account, inputs, {})
        service = events(account, inputs)
        tags.update_tags(
            service, "TagResource", "UntagResource", state, inputs, ResourceARN=state["arn"]
        )


def delete(account: Account, name: str, state: Values) -> None:
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
    calls=Calls(create, read, update, delete),
    derived=tags.with_defaults_and_region,
    valid=lambda inputs: (
        [] if inputs.get("eventPattern") else ['"event_pattern": the emulator makes no schedules']
    ),
)
