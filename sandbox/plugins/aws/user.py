"""IAM users."""

from sandbox.plugins.aws import names, tags
from sandbox.plugins.aws.account import Account
from sandbox.plugins.aws.propagation import until_visible
from sandbox.plugins.aws.service import NOT_FOUND_CODES, AwsError, Service, error_context
from sandbox.plugins.schema import FLAG, Calls, Changed, Input, Resource
from sandbox.plugins.validation import length, matching
from sandbox.plugins.values import Values


def create(account: Account, inputs: Values) -> tuple[str, Values]:
    name, boundary = inputs["name"], inputs.get("permissionsBoundary")
    with error_context(f"creating IAM User ({name})"):
        account.iam(
            "CreateUser",
            UserName=name,
            Path=inputs["path"],
            **({"PermissionsBoundary": boundary} if boundary else {}),
            **tags.tags_argument(inputs),
        )
    return name, {}


def read(account: Account, identifier: str, state: Values) -> Values | None:
    name = state.get("name", identifier)  # a renamed user keeps its first id
    with error_context(f"reading IAM User ({name})"):
        response = account.iam.if_exists("GetUser", UserName=name)
    if response is None:
        return None
    user = response["User"]
    return {
        "arn": user["Arn"],
        "name": user["UserName"],
        "path": user["Path"],
        "permissionsBoundary": names.boundary(user),
        "uniqueId": user["UserId"],
        **tags.tag_outputs(account, user.get("Tags"), state),
    }


def update(account: Account, _: str, state: Values, inputs: Values, changed: Changed) -> None:
    iam, name = account.iam, inputs["name"]
    with error_context(f"updating IAM User ({state['name']})"):
        if changed & {"name", "path"}:
            iam("UpdateUser", UserName=state["name"], NewUserName=name, NewPath=inputs["path"])
        if "permissionsBoundary" in changed:
            names.change_boundary(iam, "User", inputs.get("permissionsBoundary"), UserName=name)
        tags.update_tags(iam, "TagUser", "UntagUser", state, inputs, UserName=name)


def delete(account: Account, identifier: str, state: Values) -> None:
    iam, name = account.iam, state["name"]
    with error_context(f"deleting IAM User ({name})"):
        for group in iam.list_if_exists("ListGroupsForUser", "Groups", UserName=name) or []:
            leave = "RemoveUserFromGroup"
            iam.if_exists(leave, UserName=name, GroupName=group["GroupName"])
        if state.get("forceDestroy"):
            _delete_credentials(account, name)
        iam.if_exists("DeleteUser", UserName=name)


def _delete_credentials(account: Account, name: str) -> None:
    """What a person may have added by hand, and AWS would not delete the user with."""
    iam = account.iam
    for key in iam.list_if_exists("ListAccessKeys", "AccessKeyMetadata", UserName=name) or []:
        iam.if_exists("DeleteAccessKey", UserName=name, AccessKeyId=key["AccessKeyId"])
    for device in iam.list_if_exists("ListMFADevices", "MFADevices", UserName=name) or []:
        serial = device["SerialNumber"]
        iam.if_exists("DeactivateMFADevice", UserName=name, SerialNumber=serial)
    _delete_login_profile(iam, name)
    credentials = iam.if_exists("ListServiceSpecificCredentials", UserName=name) or {}
    for one in credentials.get("ServiceSpecificCredentials", []):
        identifier = one["ServiceSpecificCredentialId"]
        delete = "DeleteServiceSpecificCredential"
        iam.if_exists(delete, UserName=name, ServiceSpecificCredentialId=identifier)


def _delete_login_profile(iam: Service, name: str) -> None:
    """One that is being made can't be deleted yet; for up to two minutes that is waited out."""
    try:
        iam.until_propagated({"EntityTemporarilyUnmodifiable"}, "DeleteLoginProfile", UserName=name)
    except AwsError as error:
        if error.code not in NOT_FOUND_CODES:
            raise


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
    calls=Calls(create, read, update, delete),
    read_created=until_visible(read),
    derived=tags.with_defaults,
)
