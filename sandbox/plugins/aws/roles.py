"""Roles, and the inline policies that belong to them."""

from typing import Any

from sandbox.plugins import checks
from sandbox.plugins.aws.account import (
    Account,
    ask,
    ask_or_none,
    boundary_of,
    compact,
    every,
    moment,
    retag,
    tag_list,
    tag_map,
)
from sandbox.plugins.schema import Input, Kind, Values, document


def create(account: Account, inputs: Values) -> tuple[str, Values]:
    name = inputs["name"]
    optional = {
        "Description": inputs.get("description"),
        "PermissionsBoundary": inputs.get("permissionsBoundary"),
    }
    ask(
        account,
        f"creating IAM Role ({name})",
        account.iam.create_role,
        RoleName=name,
        Path=inputs["path"],
        AssumeRolePolicyDocument=inputs["assumeRolePolicy"],
        MaxSessionDuration=inputs["maxSessionDuration"],
        Tags=tag_list(account.default_tags | inputs.get("tags", {})),
        **{key: value for key, value in optional.items() if value},
    )
    return name, read(account, name, {}) or {}


def read(account: Account, name: str, state: Values) -> Values | None:
    doing = f"reading IAM Role ({name})"
    found = ask_or_none(account, doing, account.iam.get_role, RoleName=name)
    if found is None:
        return None
    role = found["Role"]
    inline = every(account, doing, "list_role_policies", "PolicyNames", RoleName=name) or []
    attached = attached_to(account, name, doing)
    tags = tag_map(role.get("Tags"))
    return {
        "arn": role["Arn"],
        "assumeRolePolicy": compact(role["AssumeRolePolicyDocument"]),
        "createDate": moment(role["CreateDate"]),
        "description": role.get("Description", ""),
        "forceDetachPolicies": state.get("forceDetachPolicies", False),
        "inlinePolicies": [
            {"name": one, "policy": inline_policy(account, name, one)} for one in inline
        ],
        "managedPolicyArns": attached,
        "maxSessionDuration": role["MaxSessionDuration"],
        "name": name,
        "namePrefix": "",
        "path": role["Path"],
        "permissionsBoundary": boundary_of(role),
        "tags": {key: value for key, value in tags.items() if key not in account.default_tags},
        "tagsAll": tags,
        "uniqueId": role["RoleId"],
    }


def attached_to(account: Account, role: str, doing: str) -> list[str]:
    """ARNs of the managed policies on a role."""
    operation, field = "list_attached_role_policies", "AttachedPolicies"
    found = every(account, doing, operation, field, RoleName=role)
    return sorted(policy["PolicyArn"] for policy in found or [])


def inline_policy(account: Account, role: str, name: str) -> str | None:
    found = ask_or_none(
        account,
        f"reading IAM Role Policy ({role}:{name})",
        account.iam.get_role_policy,
        RoleName=role,
        PolicyName=name,
    )
    return found and compact(found["PolicyDocument"])


def update(account: Account, name: str, old: Values, new: Values) -> Values:
    iam, doing = account.iam, f"updating IAM Role ({name})"

    def differs(key: str) -> bool:
        return bool((old.get(key) or "") != (new.get(key) or ""))

    if document(old.get("assumeRolePolicy")) != document(new["assumeRolePolicy"]):
        policy = new["assumeRolePolicy"]
        ask(account, doing, iam.update_assume_role_policy, RoleName=name, PolicyDocument=policy)
    if differs("description"):
        text = new.get("description", "")
        ask(account, doing, iam.update_role_description, RoleName=name, Description=text)
    if differs("maxSessionDuration"):
        seconds = new["maxSessionDuration"]
        ask(account, doing, iam.update_role, RoleName=name, MaxSessionDuration=seconds)
    if differs("permissionsBoundary"):
        change_boundary(account, name, new.get("permissionsBoundary"))
    retag(account, old, new, iam.tag_role, iam.untag_role, RoleName=name)
    return read(account, name, new) or {}


def change_boundary(account: Account, name: str, boundary: str | None) -> None:
    iam, doing = account.iam, f"updating IAM Role ({name}) boundary"
    if boundary:
        ask(
            account,
            doing,
            iam.put_role_permissions_boundary,
            RoleName=name,
            PermissionsBoundary=boundary,
        )
    else:
        ask(account, doing, iam.delete_role_permissions_boundary, RoleName=name)


def delete(account: Account, name: str, state: Values) -> None:
    iam, doing = account.iam, f"deleting IAM Role ({name})"
    if state.get("managedPolicyArns") or state.get("forceDetachPolicies"):
        for arn in attached_to(account, name, doing):
            ask_or_none(account, doing, iam.detach_role_policy, RoleName=name, PolicyArn=arn)
    if state.get("inlinePolicies") or state.get("forceDetachPolicies"):
        for one in every(account, doing, "list_role_policies", "PolicyNames", RoleName=name) or []:
            ask_or_none(account, doing, iam.delete_role_policy, RoleName=name, PolicyName=one)
    ask_or_none(account, doing, iam.delete_role, RoleName=name)


def put_policy(account: Account, inputs: Values) -> tuple[str, Values]:
    identifier = f"{inputs['role']}:{inputs['name']}"
    ask(
        account,
        f"putting IAM Role Policy ({identifier})",
        account.iam.put_role_policy,
        RoleName=inputs["role"],
        PolicyName=inputs["name"],
        PolicyDocument=inputs["policy"],
    )
    return identifier, read_policy(account, identifier, {}) or {}


def read_policy(account: Account, identifier: str, state: Values) -> Values | None:
    role, _, name = identifier.partition(":")
    policy = inline_policy(account, role, name)
    return policy and {"name": name, "namePrefix": "", "policy": policy, "role": role}  # type: ignore[return-value]


def update_policy(account: Account, identifier: str, old: Values, new: Values) -> Values:
    return put_policy(account, new)[1]


def delete_policy(account: Account, identifier: str, state: Values) -> None:
    role, _, name = identifier.partition(":")
    ask_or_none(
        account,
        f"deleting IAM Role Policy ({identifier})",
        account.iam.delete_role_policy,
        RoleName=role,
        PolicyName=name,
    )


def compact_documents(*names: str) -> Any:
    """The documents among the inputs as the state will show them; unknown ones stay so."""

    def known(inputs: Values) -> Values:
        shown = {}
        for name in names:
            text = inputs.get(name)
            if isinstance(text, str) and text.startswith("{"):
                shown[name] = compact(text)
        return shown

    return known


TRUST = checks.policy("assume_role_policy")

KINDS = (
    Kind(
        type="aws:iam/role:Role",
        inputs=(
            Input("assumeRolePolicy", required=True, meaning=document, check=TRUST),
            Input("description"),
            Input("forceDetachPolicies"),
            Input("inlinePolicies"),
            Input("managedPolicyArns"),
            Input("maxSessionDuration", default=3600, check=checks.session_seconds),
            Input("name", replaces=True, check=checks.iam_name),
            Input("namePrefix", replaces=True),
            Input("path", default="/", replaces=True),
            Input("permissionsBoundary"),
            Input("tags"),
            Input("tagsAll"),
        ),
        outputs=("arn", "createDate", "uniqueId"),
        known=compact_documents("assumeRolePolicy"),
        longest_name=64,
        create=create,
        read=read,
        update=update,
        delete=delete,
    ),
    Kind(
        type="aws:iam/rolePolicy:RolePolicy",
        inputs=(
            Input("name", replaces=True),
            Input("namePrefix", replaces=True),
            Input("policy", required=True, meaning=document, check=checks.policy("policy")),
            Input("role", required=True, replaces=True),
        ),
        outputs=(),
        known=compact_documents("policy"),
        longest_name=128,
        create=put_policy,
        read=read_policy,
        update=update_policy,
        delete=delete_policy,
    ),
)
