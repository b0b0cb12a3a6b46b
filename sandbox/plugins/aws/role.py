"""Roles, with the policies that are arguments of the role itself."""

from typing import Any

from sandbox.plugins.aws import names, tags
from sandbox.plugins.aws.account import Account
from sandbox.plugins.aws.documents import DOCUMENT, normalized, rfc3339
from sandbox.plugins.aws.retries import INVALID_PRINCIPAL, until_visible
from sandbox.plugins.aws.service import NOT_FOUND_CODES, AwsError, error_context
from sandbox.plugins.schema import FLAG, LIST, NUMBER, SET, Calls, Changed, Input, Resource, Values
from sandbox.plugins.validation import between, length, policy_document


def create(account: Account, inputs: Values) -> tuple[str, Values]:
    name = inputs["name"]
    optional = {
        "Description": inputs.get("description"),
        "PermissionsBoundary": inputs.get("permissionsBoundary"),
    }
    with error_context(f"creating IAM Role ({name})"):
        account.iam.until_propagated(
            INVALID_PRINCIPAL,
            "CreateRole",
            RoleName=name,
            Path=inputs["path"],
            AssumeRolePolicyDocument=inputs["assumeRolePolicy"],
            MaxSessionDuration=inputs["maxSessionDuration"],
            **{key: value for key, value in optional.items() if value},
            **tags.tags_argument(inputs),
        )
    _put_inline(account, name, [], inputs.get("inlinePolicies", []))
    _attach(account, name, [], inputs.get("managedPolicyArns", []))
    return name, {}


def read(account: Account, name: str, state: Values) -> Values | None:
    with error_context(f"reading IAM Role ({name})"):
        response = account.iam.if_exists("GetRole", RoleName=name)
        if response is None:
            return None
        inline = [
            {"name": one, "policy": _inline(account, name, one)}
            for one in account.iam.list_all("ListRolePolicies", "PolicyNames", RoleName=name)
        ]
        attached = attached_policies(account, name)
    return {
        **outputs_of(response["Role"]),
        "inlinePolicies": inline,
        "managedPolicyArns": attached,
        "namePrefix": "",
        **tags.tag_outputs(account, response["Role"].get("Tags"), state),
    }


def outputs_of(role: Values) -> Values:
    """What `GetRole` answers, but for tags."""
    return {
        "arn": role["Arn"],
        "assumeRolePolicy": normalized(role["AssumeRolePolicyDocument"]),
        "createDate": rfc3339(role["CreateDate"]),
        "description": role.get("Description", ""),
        "maxSessionDuration": role["MaxSessionDuration"],
        "name": role["RoleName"],
        "path": role["Path"],
        "permissionsBoundary": names.boundary(role),
        "uniqueId": role["RoleId"],
    }


def attached_policies(account: Account, name: str) -> list[str]:
    """ARNs of the managed policies on a role."""
    response = account.iam.list_all("ListAttachedRolePolicies", "AttachedPolicies", RoleName=name)
    return sorted(policy["PolicyArn"] for policy in response)


def update(account: Account, name: str, state: Values, inputs: Values, changed: Changed) -> None:
    iam = account.iam
    with error_context(f"updating IAM Role ({name})"):
        if "assumeRolePolicy" in changed:
            document = inputs["assumeRolePolicy"]
            operation = "UpdateAssumeRolePolicy"
            iam.until_propagated(
                INVALID_PRINCIPAL, operation, RoleName=name, PolicyDocument=document
            )
        if "description" in changed:
            text = inputs.get("description", "")
            iam("UpdateRoleDescription", RoleName=name, Description=text)
        if "maxSessionDuration" in changed:
            seconds = inputs["maxSessionDuration"]
            iam("UpdateRole", RoleName=name, MaxSessionDuration=seconds)
        if "permissionsBoundary" in changed:
            names.change_boundary(iam, "Role", inputs.get("permissionsBoundary"), RoleName=name)
        tags.update_tags(iam, "TagRole", "UntagRole", state, inputs, RoleName=name)
    if "inlinePolicies" in changed:
        _put_inline(account, name, state.get("inlinePolicies", []), inputs["inlinePolicies"])
    if "managedPolicyArns" in changed:
        _attach(account, name, state.get("managedPolicyArns", []), inputs["managedPolicyArns"])


def delete(account: Account, name: str, state: Values) -> None:
    """What is attached goes too, also by others, once a refresh has seen that something is."""
    iam = account.iam
    with error_context(f"deleting IAM Role ({name})"):
        listing = "ListInstanceProfilesForRole", "InstanceProfiles"
        for profile in iam.list_if_exists(*listing, RoleName=name) or []:
            profile_name = profile["InstanceProfileName"]
            leave = "RemoveRoleFromInstanceProfile"
            iam.if_exists(leave, RoleName=name, InstanceProfileName=profile_name)
        if state.get("managedPolicyArns"):
            _attach(account, name, attached_policies(account, name), [])
        if state.get("inlinePolicies"):
            for one in iam.list_all("ListRolePolicies", "PolicyNames", RoleName=name):
                iam.if_exists("DeleteRolePolicy", RoleName=name, PolicyName=one)
        try:
            iam.until_propagated({"DeleteConflict"}, "DeleteRole", RoleName=name)
        except AwsError as error:
            if error.code not in NOT_FOUND_CODES:
                raise


def _inline(account: Account, name: str, policy: str) -> str:
    response = account.iam("GetRolePolicy", RoleName=name, PolicyName=policy)
    return normalized(response["PolicyDocument"])


def _put_inline(account: Account, name: str, old: list[Any], new: list[Any]) -> None:
    remaining = {policy["name"] for policy in new}
    with error_context(f"updating IAM Role ({name}) inline policies"):
        for policy in old:
            if policy["name"] not in remaining:
                account.iam.if_exists("DeleteRolePolicy", RoleName=name, PolicyName=policy["name"])
        for policy in new:
            account.iam(
                "PutRolePolicy",
                RoleName=name,
                PolicyName=policy["name"],
                PolicyDocument=policy["policy"],
            )


def _attach(account: Account, name: str, old: list[str], new: list[str]) -> None:
    with error_context(f"updating IAM Role ({name}) managed policies"):
        for arn in sorted(set(old) - set(new)):
            account.iam.if_exists("DetachRolePolicy", RoleName=name, PolicyArn=arn)
        for arn in sorted(set(new) - set(old)):
            account.iam("AttachRolePolicy", RoleName=name, PolicyArn=arn)


ROLE = Resource(
    type="aws:iam/role:Role",
    inputs={
        "assumeRolePolicy": Input(value_type=DOCUMENT, required=True, valid=(policy_document,)),
        "description": Input(valid=(length(0, 1000),)),
        "forceDetachPolicies": Input(value_type=FLAG, supported=False),
        "inlinePolicies": Input(value_type=LIST, computed=True),
        "managedPolicyArns": Input(value_type=SET, computed=True),
        "maxSessionDuration": Input(value_type=NUMBER, default=3600, valid=(between(3600, 43200),)),
        **names.name_inputs(generated=64, longest=64),
        "path": Input(default="/", replaces=True),
        "permissionsBoundary": Input(),
        **tags.TAGS,
    },
    outputs=("arn", "createDate", "uniqueId"),
    calls=Calls(create, read, update, delete),
    read_created=until_visible(read),
    derived=tags.with_defaults,
)
