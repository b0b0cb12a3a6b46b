"""Look-ups (`aws.get_caller_identity` and so on)."""

from sandbox.plugins.aws.account import Account
from sandbox.plugins.aws.role import outputs_of
from sandbox.plugins.aws.service import error_context
from sandbox.plugins.schema import CloudError, LookUp, Values


def get_caller_identity(account: Account, args: Values) -> Values:
    with error_context("reading STS Caller Identity"):
        response = account.sts("GetCallerIdentity")
    return {
        "accountId": response["Account"],
        "arn": response["Arn"],
        "id": response["Account"],
        "userId": response["UserId"],
    }


def get_role(account: Account, args: Values) -> Values:
    name = args["name"]
    with error_context(f"reading IAM Role ({name})"):
        response = account.iam.if_exists("GetRole", RoleName=name)
    if response is None:
        raise CloudError(f"reading IAM Role ({name}): couldn't find resource")
    role = response["Role"]
    tags = {tag["Key"]: tag["Value"] for tag in role.get("Tags", [])}
    return {**outputs_of(role), "id": name, "tags": tags}


_TEXTS = ("arn", "assumeRolePolicy", "createDate", "description", "id", "name", "path")
LOOKUPS = {
    "aws:index/getCallerIdentity:getCallerIdentity": LookUp(
        get_caller_identity, {}, dict.fromkeys(("accountId", "arn", "id", "userId"), "string")
    ),
    "aws:iam/getRole:getRole": LookUp(
        get_role,
        {"name": "string!"},
        dict.fromkeys((*_TEXTS, "permissionsBoundary", "uniqueId"), "string")
        | {"maxSessionDuration": "number", "tags": "map"},
    ),
}
