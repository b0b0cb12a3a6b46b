"""A role's policies, and no others: what somebody else adds is taken away again.

Deleting one of these only ends that watch.
"""

from collections.abc import Callable

from sandbox.plugins.aws.account import Account
from sandbox.plugins.aws.role import attached_policies
from sandbox.plugins.aws.service import error_context
from sandbox.plugins.schema import SET, Calls, Changed, Input, Resource
from sandbox.plugins.values import Values


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
