"""Policies of IAM: managed ones, inline ones, attachments, and all that a role may have."""

from collections.abc import Callable

from sandbox.plugins.aws import names, tags
from sandbox.plugins.aws.account import Account
from sandbox.plugins.aws.documents import DOCUMENT, normalized
from sandbox.plugins.aws.retries import CONCURRENT, until_visible
from sandbox.plugins.aws.role import attached_policies
from sandbox.plugins.aws.service import error_context
from sandbox.plugins.schema import NUMBER, SET, Calls, Changed, Input, Resource, Values
from sandbox.plugins.validation import length, policy_document

MOST_VERSIONS = 5
"""A policy may have this many; the default one counts."""


def create_policy(account: Account, inputs: Values) -> tuple[str, Values]:
    name, description = inputs["name"], inputs.get("description")
    with error_context(f"creating IAM Policy ({name})"):
        made = account.iam(
            "CreatePolicy",
            PolicyName=name,
            Path=inputs["path"],
            PolicyDocument=inputs["policy"],
            **({"Description": description} if description else {}),
            **tags.tags_argument(inputs),
        )
    return made["Policy"]["Arn"], {}


def read_policy(account: Account, arn: str, state: Values) -> Values | None:
    with error_context(f"reading IAM Policy ({arn})"):
        response = account.iam.if_exists("GetPolicy", PolicyArn=arn)
        if response is None:
            return None
        policy = response["Policy"]
        default = policy["DefaultVersionId"]
        version = account.iam.if_exists("GetPolicyVersion", PolicyArn=arn, VersionId=default)
        if version is None:
            return None
    return {
        "arn": arn,
        "attachmentCount": policy["AttachmentCount"],
        "description": policy.get("Description", ""),
        "name": policy["PolicyName"],
        "namePrefix": "",
        "path": policy["Path"],
        "policy": normalized(version["PolicyVersion"]["Document"]),
        "policyId": policy["PolicyId"],
        **tags.tag_outputs(account, policy.get("Tags"), state),
    }


def update_policy(
    account: Account, arn: str, state: Values, inputs: Values, changed: Changed
) -> None:
    iam = account.iam
    with error_context(f"updating IAM Policy ({arn})"):
        if "policy" in changed:
            versions = iam.list_all("ListPolicyVersions", "Versions", PolicyArn=arn)
            if len(versions) == MOST_VERSIONS:
                others = [one for one in versions if not one["IsDefaultVersion"]]
                oldest = min(others, key=lambda one: one["CreateDate"])["VersionId"]
                iam("DeletePolicyVersion", PolicyArn=arn, VersionId=oldest)
            document = inputs["policy"]
            iam("CreatePolicyVersion", PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)
        tags.update_tags(iam, "TagPolicy", "UntagPolicy", state, inputs, PolicyArn=arn)


def delete_policy(account: Account, arn: str, state: Values) -> None:
    iam = account.iam
    with error_context(f"deleting IAM Policy ({arn})"):
        for one in iam.list_if_exists("ListPolicyVersions", "Versions", PolicyArn=arn) or []:
            if not one["IsDefaultVersion"]:
                version = one["VersionId"]
                iam.if_exists("DeletePolicyVersion", PolicyArn=arn, VersionId=version)
        iam.if_exists("DeletePolicy", PolicyArn=arn)


POLICY = Resource(
    type="aws:iam/policy:Policy",
    inputs={
        "delayAfterPolicyCreationInMs": Input(value_type=NUMBER, supported=False),
        "description": Input(replaces=True, valid=(length(0, 1000),)),
        **names.name_inputs(generated=255, longest=128),
        "path": Input(default="/", replaces=True),
        "policy": Input(value_type=DOCUMENT, required=True, valid=(policy_document,)),
        **tags.TAGS,
    },
    outputs=("arn", "attachmentCount", "policyId"),
    calls=Calls(create_policy, read_policy, update_policy, delete_policy),
    read_created=until_visible(read_policy),
    derived=tags.with_defaults,
)


def inline_policy_resource(holder: str) -> Resource:
    """The type for a holder such as `role`. Ids are `<holder's name>:<policy's name>`."""
    kind = holder.capitalize()

    def where(identifier: str) -> dict[str, str]:
        holder_name, _, policy_name = identifier.partition(":")
        return {f"{kind}Name": holder_name, "PolicyName": policy_name}

    def put(account: Account, identifier: str, document: str) -> None:
        with error_context(f"putting IAM {kind} Policy ({identifier})"):
            account.iam(f"Put{kind}Policy", PolicyDocument=document, **where(identifier))

    def create(account: Account, inputs: Values) -> tuple[str, Values]:
        identifier = f"{inputs[holder]}:{inputs['name']}"
        put(account, identifier, inputs["policy"])
        return identifier, {}

    def read(account: Account, identifier: str, state: Values) -> Values | None:
        with error_context(f"reading IAM {kind} Policy ({identifier})"):
            response = account.iam.if_exists(f"Get{kind}Policy", **where(identifier))
        if response is None:
            return None
        return {
            holder: response[f"{kind}Name"],
            "name": response["PolicyName"],
            "namePrefix": "",
            "policy": normalized(response["PolicyDocument"]),
        }

    def update(
        account: Account, identifier: str, state: Values, inputs: Values, changed: Changed
    ) -> None:
        put(account, identifier, inputs["policy"])

    def delete(account: Account, identifier: str, state: Values) -> None:
        with error_context(f"deleting IAM {kind} Policy ({identifier})"):
            account.iam.if_exists(f"Delete{kind}Policy", **where(identifier))

    return Resource(
        type=f"aws:iam/{holder}Policy:{kind}Policy",
        inputs={
            holder: Input(required=True, replaces=True),
            **names.name_inputs(generated=255, longest=128),
            "policy": Input(value_type=DOCUMENT, required=True, valid=(policy_document,)),
        },
        calls=Calls(create, read, update, delete),
        read_created=until_visible(read),
    )


INLINE_POLICIES = tuple(inline_policy_resource(holder) for holder in ("role", "user", "group"))


def attachment_resource(holder: str) -> Resource:
    """The type for a holder such as `role`. Ids are `<holder's name>/<policy's ARN>`."""
    kind = holder.capitalize()

    def what(name: str, arn: str) -> dict[str, str]:
        return {f"{kind}Name": name, "PolicyArn": arn}

    def create(account: Account, inputs: Values) -> tuple[str, Values]:
        name, arn = inputs[holder], inputs["policyArn"]
        with error_context(f"attaching IAM Policy ({arn}) to IAM {kind} ({name})"):
            account.iam.until_propagated(CONCURRENT, f"Attach{kind}Policy", **what(name, arn))
        return f"{name}/{arn}", {}

    def read(account: Account, identifier: str, state: Values) -> Values | None:
        name, _, arn = identifier.partition("/")
        listing = f"ListAttached{kind}Policies", "AttachedPolicies"
        with error_context(f"reading IAM {kind} Policy Attachment ({identifier})"):
            response = account.iam.list_if_exists(*listing, **{f"{kind}Name": name}) or []
        if arn not in {policy["PolicyArn"] for policy in response}:
            return None
        return {holder: name, "policyArn": arn}

    def delete(account: Account, identifier: str, state: Values) -> None:
        name, arn = state[holder], state["policyArn"]
        with error_context(f"detaching IAM Policy ({arn}) from IAM {kind} ({name})"):
            account.iam.if_exists(f"Detach{kind}Policy", **what(name, arn))

    return Resource(
        type=f"aws:iam/{holder}PolicyAttachment:{kind}PolicyAttachment",
        inputs={
            holder: Input(required=True, replaces=True),
            "policyArn": Input(required=True, replaces=True),
        },
        calls=Calls(create, read, None, delete),
        read_created=until_visible(read),
        delete_before_replace=True,
    )


ATTACHMENTS = tuple(attachment_resource(holder) for holder in ("role", "group", "user"))


def _inline_policies(account: Account, role: str) -> list[str]:
    return sorted(account.iam.list_all("ListRolePolicies", "PolicyNames", RoleName=role))


def _make_attachments(account: Account, role: str, wanted: set[str], real: set[str]) -> None:
    for arn in sorted(wanted - real):
        account.iam("AttachRolePolicy", RoleName=role, PolicyArn=arn)
    for arn in sorted(real - wanted):
        account.iam.if_exists("DetachRolePolicy", RoleName=role, PolicyArn=arn)


def _make_inline_policies(account: Account, role: str, wanted: set[str], real: set[str]) -> None:
    """Only names are known here, so one that is missing can't be put in."""
    for name in sorted(real - wanted):
        account.iam.if_exists("DeleteRolePolicy", RoleName=role, PolicyName=name)


def _exclusive(
    kind: str,
    argument: str,
    look: Callable[[Account, str], list[str]],
    make: Callable[[Account, str, set[str], set[str]], None],
) -> Resource:
    """The type whose argument lists all policies of a role. Ids are the role's name."""

    def reconcile(account: Account, role: str, wanted: list[str]) -> None:
        with error_context(f"reconciling the policies of IAM Role ({role})"):
            make(account, role, set(wanted), set(look(account, role)))

    def create(account: Account, inputs: Values) -> tuple[str, Values]:
        role = inputs["roleName"]
        reconcile(account, role, inputs[argument])
        return role, {}

    def read(account: Account, role: str, state: Values) -> Values | None:
        with error_context(f"reading the policies of IAM Role ({role})"):
            if account.iam.if_exists("GetRole", RoleName=role) is None:
                return None
            return {"roleName": role, argument: look(account, role)}

    def update(
        account: Account, role: str, state: Values, inputs: Values, changed: Changed
    ) -> None:
        reconcile(account, role, inputs[argument])

    return Resource(
        type=f"aws:iam/{kind[0].lower()}{kind[1:]}:{kind}",
        inputs={
            argument: Input(value_type=SET, required=True),
            "roleName": Input(required=True, replaces=True),
        },
        calls=Calls(create, read, update, lambda account, role, state: None),
    )


EXCLUSIVE = (
    _exclusive(
        "RolePolicyAttachmentsExclusive", "policyArns", attached_policies, _make_attachments
    ),
    _exclusive("RolePoliciesExclusive", "policyNames", _inline_policies, _make_inline_policies),
)
