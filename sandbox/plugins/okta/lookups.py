"""Look-ups of people and groups that are in the org already."""

from sandbox.plugins.okta.org import Org
from sandbox.plugins.protocol import CloudError
from sandbox.plugins.schema import Values


def get_user(org: Org, args: Values) -> Values:
    """By id, or by a search such as `profile.login eq "ada@example.com"`."""
    if "userId" in args:
        found = [org.request("GET", f"/api/v1/users/{args['userId']}").json()]
    else:
        joint = f" {args.get('compoundSearchOperator', 'and')} "
        search = joint.join(criterion(one) for one in args["searches"])
        found = org.request("GET", "/api/v1/users", params={"limit": 1, "search": search}).json()
        if not found:
            raise CloudError(f"failed to find user: no users found using search criteria: {search}")
    user = found[0]
    return {
        "id": user["id"],
        "status": user["status"],
        **{name: user["profile"].get(name) for name in ("login", "email", "firstName", "lastName")},
        **args,
    }


def criterion(one: Values) -> str:
    if "expression" in one:
        return str(one["expression"])
    return f'{one["name"]} {one.get("comparison", "eq")} "{one["value"]}"'


def get_group(org: Org, args: Values) -> Values:
    """By id, or by its exact name."""
    if "id" in args:
        found = [org.request("GET", f"/api/v1/groups/{args['id']}").json()]
    else:
        listed = org.request("GET", "/api/v1/groups", params={"q": args["name"]}).json()
        found = [group for group in listed if group["profile"]["name"] == args["name"]]
        if not found:
            raise CloudError(f"group with name '{args['name']}' does not exist")
    group = found[0]
    return {
        **args,
        "id": group["id"],
        "name": group["profile"]["name"],
        "description": group["profile"].get("description") or "",
        "type": group["type"],
        "users": [],
    }


INVOKES = {
    "okta:user/getUser:getUser": get_user,
    "okta:group/getGroup:getGroup": get_group,
}
