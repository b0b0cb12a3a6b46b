"""IAM groups."""

from sandbox.plugins.aws.account import Account
from sandbox.plugins.aws.propagation import until_visible
from sandbox.plugins.aws.service import error_context
from sandbox.plugins.schema import Calls, Changed, Input, Resource
from sandbox.plugins.validation import length, matching
from sandbox.plugins.values import Values


def create(account: Account, inputs: Values) -> tuple[str, Values]:
    name = inputs["name"]
    with error_context(f"creating IAM Group ({name})"):
        account.iam("CreateGroup", GroupName=name, Path=inputs["path"])
    return name, {}


def read(account: Account, identifier: str, state: Values) -> Values | None:
    name = state.get("name", identifier)  # a renamed group keeps its first id
    with error_context(f"reading IAM Group ({name})"):
        response = account.iam.if_exists("GetGroup", GroupName=name)
    if response is None:
        return None
    group = response["Group"]
    return {
        "arn": group["Arn"],
        "name": group["GroupName"],
        "path": group["Path"],
        "uniqueId": group["GroupId"],
    }


def update(account: Account, _: str, state: Values, inputs: Values, changed: Changed) -> None:
    new = {"name": ("NewGroupName", inputs["name"]), "path": ("NewPath", inputs["path"])}
    with error_context(f"updating IAM Group ({state['name']})"):
        account.iam("UpdateGroup", GroupName=state["name"], **dict(new[one] for one in changed))


def delete(account: Account, identifier: str, state: Values) -> None:
    with error_context(f"deleting IAM Group ({state['name']})"):
        account.iam.if_exists("DeleteGroup", GroupName=state["name"])


GROUP = Resource(
    type="aws:iam/group:Group",
    inputs={
        "name": Input(generated=255, valid=(length(1, 128), matching(r"[\w+=,.@-]"))),
        "path": Input(default="/"),
    },
    outputs=("arn", "uniqueId"),
    calls=Calls(create, read, update, delete),
    read_created=until_visible(read),
)
