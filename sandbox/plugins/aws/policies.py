"""Customer managed policies, and the attachments of policies to roles, groups and users."""

from collections.abc import Callable
from typing import Any

from sandbox.plugins import checks
from sandbox.plugins.aws.account import (
    Account,
    ask,
    ask_or_none,
    compact,
    every,
    retag,
    tag_list,
    tag_map,
)
from sandbox.plugins.aws.roles import compact_documents
from sandbox.plugins.schema import Input, Kind, Values, document

MOST_VERSIONS = 5


def create(account: Account, inputs: Values) -> tuple[str, Values]:
    made = ask(
        account,
        f"creating IAM Policy ({inputs['name']})",
        account.iam.create_policy,
        PolicyName=inputs["name"],
        Path=inputs["path"],
        PolicyDocument=inputs["policy"],
        Tags=tag_list(account.default_tags | inputs.get("tags", {})),
        **({"Description": inputs["description"]} if inputs.get("description") else {}),
    )
    arn = made["Policy"]["Arn"]
    return arn, read(account, arn, {}) or {}


def read(account: Account, arn: str, state: Values) -> Values | None:
    doing = f"reading IAM Policy ({arn})"
    found = ask_or_none(account, doing, account.iam.get_policy, PolicyArn=arn)
    if found is None:
        return None
    policy = found["Policy"]
    version = ask(
        account,
        doing,
        account.iam.get_policy_version,
        PolicyArn=arn,
        VersionId=policy["DefaultVersionId"],
    )["PolicyVersion"]
    tags = tag_map(policy.get("Tags"))
    return {
        "arn": arn,
        "attachmentCount": policy["AttachmentCount"],
        "description": policy.get("Description", ""),
        "name": policy["PolicyName"],
        "namePrefix": "",
        "path": policy["Path"],
        "policy": compact(version["Document"]),
        "policyId": policy["PolicyId"],
        "tags": {key: value for key, value in tags.items() if key not in account.default_tags},
        "tagsAll": tags,
    }


def update(account: Account, arn: str, old: Values, new: Values) -> Values:
    iam, doing = account.iam, f"updating IAM Policy ({arn})"
    if document(old.get("policy")) != document(new["policy"]):
        versions = every(account, doing, "list_policy_versions", "Versions", PolicyArn=arn) or []
        if len(versions) == MOST_VERSIONS:
            oldest = min((v for v in versions if not v["IsDefaultVersion"]), key=age)["VersionId"]
            ask(account, doing, iam.delete_policy_version, PolicyArn=arn, VersionId=oldest)
        ask(
            account,
            doing,
            iam.create_policy_version,
            PolicyArn=arn,
            PolicyDocument=new["policy"],
            SetAsDefault=True,
        )
    retag(account, old, new, iam.tag_policy, iam.untag_policy, PolicyArn=arn)
    return read(account, arn, {}) or {}


def age(version: dict[str, Any]) -> Any:
    return version["CreateDate"]


def delete(account: Account, arn: str, state: Values) -> None:
    iam, doing = account.iam, f"deleting IAM Policy ({arn})"
    for version in every(account, doing, "list_policy_versions", "Versions", PolicyArn=arn) or []:
        if not version["IsDefaultVersion"]:
            number = version["VersionId"]
            ask_or_none(account, doing, iam.delete_policy_version, PolicyArn=arn, VersionId=number)
    ask_or_none(account, doing, iam.delete_policy, PolicyArn=arn)


def attachment(holder: str, parameter: str) -> Kind:
    """The attachment of a managed policy to a `role`, `group` or `user`."""
    kind = holder.capitalize()

    def doing(verb: str, name: str, arn: str) -> str:
        return f"{verb} IAM Policy ({arn}) to IAM {kind} ({name})"

    def attach(account: Account, inputs: Values) -> tuple[str, Values]:
        name, arn = inputs[holder], inputs["policyArn"]
        call: Callable[..., Any] = getattr(account.iam, f"attach_{holder}_policy")
        ask(account, doing("attaching", name, arn), call, **{parameter: name, "PolicyArn": arn})
        return f"{name}/{arn}", {holder: name, "policyArn": arn}

    def look(account: Account, identifier: str, state: Values) -> Values | None:
        name, _, arn = identifier.partition("/")
        operation = f"list_attached_{holder}_policies"
        found = every(
            account, doing("reading", name, arn), operation, "AttachedPolicies", **{parameter: name}
        )
        if arn not in {policy["PolicyArn"] for policy in found or []}:
            return None
        return {holder: name, "policyArn": arn}

    def detach(account: Account, identifier: str, state: Values) -> None:
        name, arn = state[holder], state["policyArn"]
        call: Callable[..., Any] = getattr(account.iam, f"detach_{holder}_policy")
        ask_or_none(
            account, doing("detaching", name, arn), call, **{parameter: name, "PolicyArn": arn}
        )

    return Kind(
        type=f"aws:iam/{holder}PolicyAttachment:{kind}PolicyAttachment",
        inputs=(
            Input(holder, required=True, replaces=True),
            Input("policyArn", required=True, replaces=True),
        ),
        outputs=(),
        create=attach,
        read=look,
        delete=detach,
    )


KINDS = (
    Kind(
        type="aws:iam/policy:Policy",
        inputs=(
            Input("delayAfterPolicyCreationInMs"),
            Input("description", replaces=True),
            Input("name", replaces=True),
            Input("namePrefix", replaces=True),
            Input("path", default="/", replaces=True),
            Input("policy", required=True, meaning=document, check=checks.policy("policy")),
            Input("tags"),
            Input("tagsAll"),
        ),
        outputs=("arn", "attachmentCount", "policyId"),
        known=compact_documents("policy"),
        longest_name=128,
        create=create,
        read=read,
        update=update,
        delete=delete,
    ),
    attachment("role", "RoleName"),
    attachment("group", "GroupName"),
    attachment("user", "UserName"),
)
