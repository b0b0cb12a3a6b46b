"""Users, groups, who is in which, and access keys."""

import uuid

from sandbox.plugins import checks
from sandbox.plugins.aws.account import (
    Account,
    ask,
    ask_or_none,
    boundary_of,
    every,
    moment,
    retag,
    tag_list,
    tag_map,
)
from sandbox.plugins.schema import Input, Kind, Values


def create_user(account: Account, inputs: Values) -> tuple[str, Values]:
    name = inputs["name"]
    boundary = inputs.get("permissionsBoundary")
    ask(
        account,
        f"creating IAM User ({name})",
        account.iam.create_user,
        UserName=name,
        Path=inputs["path"],
        Tags=tag_list(account.default_tags | inputs.get("tags", {})),
        **({"PermissionsBoundary": boundary} if boundary else {}),
    )
    return name, read_user(account, name, {}) or {}


def read_user(account: Account, name: str, state: Values) -> Values | None:
    found = ask_or_none(account, f"reading IAM User ({name})", account.iam.get_user, UserName=name)
    if found is None:
        return None
    user = found["User"]
    tags = tag_map(user.get("Tags"))
    return {
        "arn": user["Arn"],
        "forceDestroy": state.get("forceDestroy", False),
        "name": name,
        "path": user["Path"],
        "permissionsBoundary": boundary_of(user),
        "tags": {key: value for key, value in tags.items() if key not in account.default_tags},
        "tagsAll": tags,
        "uniqueId": user["UserId"],
    }


def update_user(account: Account, name: str, old: Values, new: Values) -> Values:
    iam = account.iam
    if (old["name"], old["path"]) != (new["name"], new["path"]):
        ask(
            account,
            f"updating IAM User ({name})",
            iam.update_user,
            UserName=name,
            NewUserName=new["name"],
            NewPath=new["path"],
        )
    retag(account, old, new, iam.tag_user, iam.untag_user, UserName=new["name"])
    return read_user(account, new["name"], new) or {}


def delete_user(account: Account, name: str, state: Values) -> None:
    iam, doing = account.iam, f"deleting IAM User ({state['name']})"
    name = state["name"]
    for group in every(account, doing, "list_groups_for_user", "Groups", UserName=name) or []:
        member = {"UserName": name, "GroupName": group["GroupName"]}
        ask_or_none(account, doing, iam.remove_user_from_group, **member)
    ask_or_none(account, doing, iam.delete_user, UserName=name)


def create_group(account: Account, inputs: Values) -> tuple[str, Values]:
    name = inputs["name"]
    ask(
        account,
        f"creating IAM Group ({name})",
        account.iam.create_group,
        GroupName=name,
        Path=inputs["path"],
    )
    return name, read_group(account, name, {}) or {}


def read_group(account: Account, name: str, state: Values) -> Values | None:
    found = ask_or_none(
        account, f"reading IAM Group ({name})", account.iam.get_group, GroupName=name
    )
    if found is None:
        return None
    group = found["Group"]
    return {"arn": group["Arn"], "name": name, "path": group["Path"], "uniqueId": group["GroupId"]}


def update_group(account: Account, name: str, old: Values, new: Values) -> Values:
    ask(
        account,
        f"updating IAM Group ({name})",
        account.iam.update_group,
        GroupName=name,
        NewGroupName=new["name"],
        NewPath=new["path"],
    )
    return read_group(account, new["name"], {}) or {}


def delete_group(account: Account, name: str, state: Values) -> None:
    name = state["name"]
    ask_or_none(account, f"deleting IAM Group ({name})", account.iam.delete_group, GroupName=name)


def join(account: Account, inputs: Values) -> tuple[str, Values]:
    add(account, inputs["user"], inputs["groups"])
    return f"terraform-{uuid.uuid4().hex[:24]}", {}


def add(account: Account, user: str, groups: list[str]) -> None:
    for group in groups:
        ask(
            account,
            f"adding IAM User ({user}) to IAM Group ({group})",
            account.iam.add_user_to_group,
            UserName=user,
            GroupName=group,
        )


def remove(account: Account, user: str, groups: list[str]) -> None:
    for group in groups:
        ask_or_none(
            account,
            f"removing IAM User ({user}) from IAM Group ({group})",
            account.iam.remove_user_from_group,
            UserName=user,
            GroupName=group,
        )


def read_membership(account: Account, identifier: str, state: Values) -> Values | None:
    """By the state, or in an import by `user/group/group`."""
    user, *imported = identifier.split("/")
    if state:
        user, imported = state["user"], state["groups"]
    doing = f"reading IAM User Group Membership ({user})"
    found = every(account, doing, "list_groups_for_user", "Groups", UserName=user)
    if found is None:
        return None
    names = {group["GroupName"] for group in found}
    state_id = identifier if state else f"terraform-{uuid.uuid4().hex[:24]}"
    return {"id": state_id, "user": user, "groups": [name for name in imported if name in names]}


def change_membership(account: Account, identifier: str, old: Values, new: Values) -> Values:
    before, after = old["groups"], new["groups"]
    remove(account, new["user"], sorted(set(before) - set(after)))
    add(account, new["user"], sorted(set(after) - set(before)))
    return {}


def leave(account: Account, identifier: str, state: Values) -> None:
    remove(account, state["user"], state["groups"])


def create_key(account: Account, inputs: Values) -> tuple[str, Values]:
    user = inputs["user"]
    key = ask(
        account,
        f"creating IAM Access Key ({user})",
        account.iam.create_access_key,
        UserName=user,
    )["AccessKey"]
    if inputs["status"] == "Inactive":
        set_status(account, key["AccessKeyId"], user, "Inactive")
    return key["AccessKeyId"], {
        "createDate": moment(key["CreateDate"]),
        "secret": key["SecretAccessKey"],
        "status": inputs["status"],
        "user": user,
    }


def set_status(account: Account, identifier: str, user: str, status: str) -> None:
    ask(
        account,
        f"updating IAM Access Key ({identifier})",
        account.iam.update_access_key,
        UserName=user,
        AccessKeyId=identifier,
        Status=status,
    )


def read_key(account: Account, identifier: str, state: Values) -> Values | None:
    doing = f"reading IAM Access Key ({identifier})"
    user = state.get("user") or owner(account, identifier)
    if user is None:
        return None
    keys = every(account, doing, "list_access_keys", "AccessKeyMetadata", UserName=user) or []
    for key in keys:
        if key["AccessKeyId"] == identifier:
            return {"createDate": moment(key["CreateDate"]), "status": key["Status"], "user": user}
    return None


def owner(account: Account, identifier: str) -> str | None:
    """Whose key this is; an import knows the key's id only."""
    found = ask_or_none(
        account,
        f"reading IAM Access Key ({identifier})",
        account.iam.get_access_key_last_used,
        AccessKeyId=identifier,
    )
    return found and found["UserName"]  # type: ignore[no-any-return]


def update_key(account: Account, identifier: str, old: Values, new: Values) -> Values:
    set_status(account, identifier, new["user"], new["status"])
    return {}


def delete_key(account: Account, identifier: str, state: Values) -> None:
    ask_or_none(
        account,
        f"deleting IAM Access Key ({identifier})",
        account.iam.delete_access_key,
        UserName=state["user"],
        AccessKeyId=identifier,
    )


def as_set(groups: list[str] | None) -> list[str]:
    return sorted(groups or [])


KINDS = (
    Kind(
        type="aws:iam/user:User",
        inputs=(
            Input("forceDestroy"),
            Input("name", check=checks.iam_name),
            Input("path", default="/"),
            Input("permissionsBoundary"),
            Input("tags"),
            Input("tagsAll"),
        ),
        outputs=("arn", "uniqueId"),
        longest_name=64,
        create=create_user,
        read=read_user,
        update=update_user,
        delete=delete_user,
    ),
    Kind(
        type="aws:iam/group:Group",
        inputs=(Input("name", check=checks.iam_name), Input("path", default="/")),
        outputs=("arn", "uniqueId"),
        longest_name=128,
        create=create_group,
        read=read_group,
        update=update_group,
        delete=delete_group,
    ),
    Kind(
        type="aws:iam/userGroupMembership:UserGroupMembership",
        inputs=(
            Input("groups", required=True, meaning=as_set),
            Input("user", required=True, replaces=True),
        ),
        outputs=(),
        create=join,
        read=read_membership,
        update=change_membership,
        delete=leave,
    ),
    Kind(
        type="aws:iam/accessKey:AccessKey",
        inputs=(
            Input("pgpKey", replaces=True),
            Input("status", default="Active"),
            Input("user", required=True, replaces=True),
        ),
        outputs=("createDate", "secret", "sesSmtpPasswordV4"),
        secrets=("secret", "sesSmtpPasswordV4"),
        create=create_key,
        read=read_key,
        update=update_key,
        delete=delete_key,
    ),
)
