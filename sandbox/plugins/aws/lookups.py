"""Look-ups (`aws.get_caller_identity` and so on)."""

from sandbox.plugins.aws.account import Account
from sandbox.plugins.aws.documents import moment, shown
from sandbox.plugins.aws.names import boundary
from sandbox.plugins.aws.service import doing
from sandbox.plugins.errors import CloudError
from sandbox.plugins.values import Values


def get_caller_identity(account: Account, args: Values) -> Values:
    with doing("reading STS Caller Identity"):
        found = account.sts("GetCallerIdentity")
    return {
        "accountId": found["Account"],
        "arn": found["Arn"],
        "id": found["Account"],
        "userId": found["UserId"],
    }


def get_role(account: Account, args: Values) -> Values:
    name = args["name"]
    with doing(f"reading IAM Role ({name})"):
        found = account.iam.unless_gone("GetRole", RoleName=name)
    if found is None:
        raise CloudError(f"reading IAM Role ({name}): couldn't find resource")
    role = found["Role"]
    return {
        "arn": role["Arn"],
        "assumeRolePolicy": shown(role["AssumeRolePolicyDocument"]),
        "createDate": moment(role["CreateDate"]),
        "description": role.get("Description", ""),
        "id": name,
        "maxSessionDuration": role["MaxSessionDuration"],
        "name": name,
        "path": role["Path"],
        "permissionsBoundary": boundary(role),
        "tags": {tag["Key"]: tag["Value"] for tag in role.get("Tags", [])},
        "uniqueId": role["RoleId"],
    }


INVOKES = {
    "aws:index/getCallerIdentity:getCallerIdentity": get_caller_identity,
    "aws:iam/getRole:getRole": get_role,
}
