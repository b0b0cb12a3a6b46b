"""Users of IAM, whom moto lets have no permissions boundary.

Source: IAM API Reference, CreateUser, GetUser, PutUserPermissionsBoundary.
"""

from moto.iam.models import User

from sandbox.aws.api_request import ApiRequest
from sandbox.aws.caller import Caller
from sandbox.aws.cloud import Cloud
from sandbox.aws.errors import AwsError


def create(cloud: Cloud, call: ApiRequest, caller: Caller) -> dict[str, object]:
    """CreateUser: with its boundary, which moto leaves out."""
    iam, arguments = cloud.iam(caller.account), call.arguments
    boundary = arguments.get("PermissionsBoundary")
    user = iam.create_user(
        cloud.accounts[caller.account].home_region,
        arguments["UserName"],
        arguments.get("Path", "/"),
        arguments.get("Tags", []),
    )
    _set_boundary(user, boundary)
    return {"User": _shown(user)}


def read(cloud: Cloud, call: ApiRequest, caller: Caller) -> dict[str, object]:
    """Without a name it is the caller, who has to be a user then."""
    return {"User": _shown(_user(cloud, call, caller))}


def put_boundary(cloud: Cloud, call: ApiRequest, caller: Caller) -> dict[str, object]:
    """PutUserPermissionsBoundary."""
    _set_boundary(_user(cloud, call, caller), call.parameters["PermissionsBoundary"])
    return {}


def delete_boundary(cloud: Cloud, call: ApiRequest, caller: Caller) -> dict[str, object]:
    """DeleteUserPermissionsBoundary; nothing happens where there is none."""
    _set_boundary(_user(cloud, call, caller), None)
    return {}


def _set_boundary(user: User, arn: str | None) -> None:
    user.permissions_boundary_arn = arn  # type: ignore[attr-defined]  # as moto's Role names it


def _user(cloud: Cloud, call: ApiRequest, caller: Caller) -> User:
    name = call.parameters.get("UserName")
    user = cloud.iam(caller.account).users.get(name) if name else caller.user
    if user is None:
        raise AwsError("NoSuchEntity", f"The user with name {name} cannot be found.", 404)
    return user


def _shown(user: User) -> dict[str, object]:
    arn = getattr(user, "permissions_boundary_arn", None)
    boundary = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}
    return {
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.id,
        "Arn": user.arn,
        "CreateDate": user.create_date,
        "PasswordLastUsed": user.password_last_used,
        "PermissionsBoundary": boundary if arn else None,
        "Tags": user.tags,
    }
