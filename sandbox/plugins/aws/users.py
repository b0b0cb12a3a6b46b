"""Users and groups of IAM, memberships, and the users' access keys."""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from secrets import token_hex

from sandbox.plugins.aws import names, tags
from sandbox.plugins.aws.account import Account
from sandbox.plugins.aws.documents import rfc3339
from sandbox.plugins.aws.retries import until_visible
from sandbox.plugins.aws.service import error_context
from sandbox.plugins.schema import FLAG, SET, Calls, Changed, Input, Resource, Values
from sandbox.plugins.validation import length, matching, one_of


def create_user(account: Account, inputs: Values) -> tuple[str, Values]:
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


def read_user(account: Account, identifier: str, state: Values) -> Values | None:
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


def update_user(account: Account, _: str, state: Values, inputs: Values, changed: Changed) -> None:
    iam, name = account.iam, inputs["name"]
    with error_context(f"updating IAM User ({state['name']})"):
        if changed & {"name", "path"}:
            iam("UpdateUser", UserName=state["name"], NewUserName=name, NewPath=inputs["path"])
        if "permissionsBoundary" in changed:
            names.change_boundary(iam, "User", inputs.get("permissionsBoundary"), UserName=name)
        tags.update_tags(iam, "TagUser", "UntagUser", state, inputs, UserName=name)


def delete_user(account: Account, identifier: str, state: Values) -> None:
    iam, name = account.iam, state["name"]
    with error_context(f"deleting IAM User ({name})"):
        for group in iam.list_if_exists("ListGroupsForUser", "Groups", UserName=name) or []:
            leave = "RemoveUserFromGroup"
            iam.if_exists(leave, UserName=name, GroupName=group["GroupName"])
        iam.if_exists("DeleteUser", UserName=name)


USER = Resource(
    type="aws:iam/user:User",
    inputs={
        "forceDestroy": Input(value_type=FLAG, supported=False),
        "name": Input(generated=255, valid=(length(1, 64), matching(r"[\w+=,.@-]"))),
        "path": Input(default="/"),
        "permissionsBoundary": Input(),
        **tags.TAGS,
    },
    outputs=("arn", "uniqueId"),
    calls=Calls(create_user, read_user, update_user, delete_user),
    read_created=until_visible(read_user),
    derived=tags.with_defaults,
)


def create_group(account: Account, inputs: Values) -> tuple[str, Values]:
    name = inputs["name"]
    with error_context(f"creating IAM Group ({name})"):
        account.iam("CreateGroup", GroupName=name, Path=inputs["path"])
    return name, {}


def read_group(account: Account, identifier: str, state: Values) -> Values | None:
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


def update_group(account: Account, _: str, state: Values, inputs: Values, changed: Changed) -> None:
    new = {"name": ("NewGroupName", inputs["name"]), "path": ("NewPath", inputs["path"])}
    with error_context(f"updating IAM Group ({state['name']})"):
        account.iam("UpdateGroup", GroupName=state["name"], **dict(new[one] for one in changed))


def delete_group(account: Account, identifier: str, state: Values) -> None:
    with error_context(f"deleting IAM Group ({state['name']})"):
        account.iam.if_exists("DeleteGroup", GroupName=state["name"])


GROUP = Resource(
    type="aws:iam/group:Group",
    inputs={
        "name": Input(generated=255, valid=(length(1, 128), matching(r"[\w+=,.@-]"))),
        "path": Input(default="/"),
    },
    outputs=("arn", "uniqueId"),
    calls=Calls(create_group, read_group, update_group, delete_group),
    read_created=until_visible(read_group),
)


def create_membership(account: Account, inputs: Values) -> tuple[str, Values]:
    _add(account, inputs["user"], inputs["groups"])
    return _new_id(), {}


def read_membership(account: Account, identifier: str, state: Values) -> Values | None:
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


def update_membership(
    account: Account, _: str, state: Values, inputs: Values, changed: Changed
) -> None:
    old, new = set(state["groups"]), set(inputs["groups"])
    _remove(account, inputs["user"], sorted(old - new))
    _add(account, inputs["user"], sorted(new - old))


def delete_membership(account: Account, identifier: str, state: Values) -> None:
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
    calls=Calls(create_membership, read_membership, update_membership, delete_membership),
    read_created=until_visible(read_membership),
)


def create_access_key(account: Account, inputs: Values) -> tuple[str, Values]:
    user, status = inputs["user"], inputs["status"]
    with error_context(f"creating IAM Access Key ({user})"):
        key = account.iam("CreateAccessKey", UserName=user)["AccessKey"]
        identifier = key["AccessKeyId"]
        if status != key["Status"]:
            account.iam("UpdateAccessKey", UserName=user, AccessKeyId=identifier, Status=status)
    secret = key["SecretAccessKey"]
    return identifier, {
        "createDate": rfc3339(key["CreateDate"]),
        "secret": secret,
        "sesSmtpPasswordV4": ses_smtp_password(secret, account.region),
    }


def read_access_key(account: Account, identifier: str, state: Values) -> Values | None:
    with error_context(f"reading IAM Access Key ({identifier})"):
        user = state.get("user") or _owner(account, identifier)
        if user is None:
            return None
        listing = "ListAccessKeys", "AccessKeyMetadata"
        response = account.iam.list_if_exists(*listing, UserName=user) or []
    for key in response:
        if key["AccessKeyId"] == identifier:
            return {"createDate": rfc3339(key["CreateDate"]), "status": key["Status"], "user": user}
    return None


def update_access_key(
    account: Account, key_id: str, state: Values, inputs: Values, changed: Changed
) -> None:
    user, status = inputs["user"], inputs["status"]
    with error_context(f"updating IAM Access Key ({key_id})"):
        account.iam("UpdateAccessKey", UserName=user, AccessKeyId=key_id, Status=status)


def delete_access_key(account: Account, identifier: str, state: Values) -> None:
    """After a renaming of the user this finds nothing under the old name, and the key lives on."""
    with error_context(f"deleting IAM Access Key ({identifier})"):
        account.iam.if_exists("DeleteAccessKey", UserName=state["user"], AccessKeyId=identifier)


def _owner(account: Account, identifier: str) -> str | None:
    """An import knows the key's id only."""
    response = account.iam.if_exists("GetAccessKeyLastUsed", AccessKeyId=identifier)
    return str(response["UserName"]) if response else None


def ses_smtp_password(secret: str, region: str) -> str:
    """The key as a password for mail (SES Developer Guide, "Obtaining SMTP credentials")."""
    signature = f"AWS4{secret}".encode()
    for part in ("11111111", region, "ses", "aws4_request", "SendRawEmail"):
        signature = hmac.digest(signature, part.encode(), hashlib.sha256)
    return base64.b64encode(b"\x04" + signature).decode()


ACCESS_KEY = Resource(
    type="aws:iam/accessKey:AccessKey",
    inputs={
        "pgpKey": Input(replaces=True, supported=False),
        "status": Input(default="Active", valid=(one_of("Active", "Inactive"),)),
        "user": Input(required=True, replaces=True),
    },
    outputs=(
        "createDate",
        "encryptedSecret",
        "encryptedSesSmtpPasswordV4",
        "keyFingerprint",
        "secret",
        "sesSmtpPasswordV4",
    ),
    secrets=("secret", "sesSmtpPasswordV4"),
    calls=Calls(create_access_key, read_access_key, update_access_key, delete_access_key),
    reads_after=lambda inputs, changed: bool(changed),
)
