"""IAM users."""

from sandbox.plugins.aws import names, tags
from sandbox.plugins.aws.account import Account
from sandbox.plugins.aws.service import doing
from sandbox.plugins.schema import FLAG, Input, Resource
from sandbox.plugins.validation import length, matching
from sandbox.plugins.values import Values


def create(account: Account, inputs: Values) -> tuple[str, Values]:
    name, boundary = inputs["name"], inputs.get("permissionsBoundary")
    with doing(f"creating IAM User ({name})"):
        account.iam(
            "CreateUser",
            UserName=name,
            Path=inputs["path"],
            **({"PermissionsBoundary": boundary} if boundary else {}),
            **tags.wanted(inputs),
        )
    return name, {}


def read(account: Account, identifier: str, state: Values) -> Values | None:
    name = state.get("name", identifier)  # a renamed user keeps its first id
    with doing(f"reading IAM User ({name})"):
        found = account.iam.unless_gone("GetUser", UserName=name)
    if found is None:
        return None
    user = found["User"]
    return {
        "arn": user["Arn"],
        "name": user["UserName"],
        "path": user["Path"],
        "permissionsBoundary": names.boundary(user),
        "uniqueId": user["UserId"],
        **tags.found(account, user.get("Tags"), state),
    }


def update(
    account: Account, identifier: str, state: Values, inputs: Values, changed: frozenset[str]
) -> None:
    iam, name = account.iam, inputs["name"]
    with doing(f"updating IAM User ({state['name']})"):
        if changed & {"name", "path"}:
            iam("UpdateUser", UserName=state["name"], NewUserName=name, NewPath=inputs["path"])
        if "permissionsBoundary" in changed:
            names.change_boundary(iam, "User", inputs.get("permissionsBoundary"), UserName=name)
        tags.change(iam, "TagUser", "UntagUser", state, inputs, UserName=name)


def delete(account: Account, identifier: str, state: Values) -> None:
    iam, name = account.iam, state["name"]
    with doing(f"deleting IAM User ({name})"):
        for group in iam.every_unless_gone("ListGroupsForUser", "Groups", UserName=name) or []:
            leave = "RemoveUserFromGroup"
            iam.unless_gone(leave, UserName=name, GroupName=group["GroupName"])
        if state.get("forceDestroy"):
            _delete_credentials(account, name)
        iam.unless_gone("DeleteUser", UserName=name)


def _delete_credentials(account: Account, name: str) -> None:
    """What a person may have added by hand, and AWS would keep the user for."""
    iam = account.iam
    for key in iam.every_unless_gone("ListAccessKeys", "AccessKeyMetadata", UserName=name) or []:
        iam.unless_gone("DeleteAccessKey", UserName=name, AccessKeyId=key["AccessKeyId"])
    for device in iam.every_unless_gone("ListMFADevices", "MFADevices", UserName=name) or []:
        serial = device["SerialNumber"]
        iam.unless_gone("DeactivateMFADevice", UserName=name, SerialNumber=serial)
    iam.unless_gone("DeleteLoginProfile", UserName=name)


USER = Resource(
    type="aws:iam/user:User",
    inputs={
        "forceDestroy": Input(value_type=FLAG),
        "name": Input(generated=255, valid=(length(1, 64), matching(r"[\w+=,.@-]"))),
        "path": Input(default="/"),
        "permissionsBoundary": Input(),
        **tags.TAGS,
    },
    outputs=("arn", "uniqueId"),
    create=create,
    read=read,
    update=update,
    delete=delete,
    derived=tags.with_defaults,
)
