"""Which IAM groups a user is in, as far as the program says; others are left alone."""

from collections.abc import Iterable
from secrets import token_hex

from sandbox.plugins.aws.account import Account
from sandbox.plugins.aws.propagation import until_visible
from sandbox.plugins.aws.service import error_context
from sandbox.plugins.schema import SET, Calls, Changed, Input, Resource
from sandbox.plugins.values import Values


def create(account: Account, inputs: Values) -> tuple[str, Values]:
    _add(account, inputs["user"], inputs["groups"])
    return _new_id(), {}


def read(account: Account, identifier: str, state: Values) -> Values | None:
    """An import's id is `<user>/<group>[/<group>...]`; it gets one that says nothing."""
    user, *groups = identifier.split("/")
    if state:
        user, groups = state["user"], state["groups"]
    with error_context(f"reading IAM User Group Membership ({user})"):
        response = account.iam.list_if_exists("ListGroupsForUser", "Groups", UserName=user)
    if response is None:
        return None
    real = {group["GroupName"] for group in response}
    return {
        "id": identifier if state else _new_id(),
        "groups": [group for group in groups if group in real],
        "user": user,
    }


def update(account: Account, _: str, state: Values, inputs: Values, changed: Changed) -> None:
    old, new = set(state["groups"]), set(inputs["groups"])
    _remove(account, inputs["user"], sorted(old - new))
    _add(account, inputs["user"], sorted(new - old))


def delete(account: Account, identifier: str, state: Values) -> None:
    _remove(account, state["user"], state["groups"])


def _new_id() -> str:
    return f"terraform-{token_hex(13)}"


def _add(account: Account, user: str, groups: Iterable[str]) -> None:
    for group in groups:
        with error_context(f"adding IAM User ({user}) to IAM Group ({group})"):
            account.iam("AddUserToGroup", UserName=user, GroupName=group)


def _remove(account: Account, user: str, groups: Iterable[str]) -> None:
    for group in groups:
        with error_context(f"removing IAM User ({user}) from IAM Group ({group})"):
            account.iam.if_exists("RemoveUserFromGroup", UserName=user, GroupName=group)


MEMBERSHIP = Resource(
    type="aws:iam/userGroupMembership:UserGroupMembership",
    inputs={
        "groups": Input(value_type=SET, required=True),
        "user": Input(required=True, replaces=True),
    },
    calls=Calls(create, read, update, delete),
    read_created=until_visible(read),
)
