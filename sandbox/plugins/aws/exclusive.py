"""A role's policies, and no others: what somebody else adds is taken away again.

Deleting one of these only ends that watch.
"""

from collections.abc import Callable

from sandbox.plugins.aws.account import Account
from sandbox.plugins.aws.role import attached_policies
from sandbox.plugins.aws.service import doing
from sandbox.plugins.schema import SET, Input, Resource
from sandbox.plugins.values import Values


def _inline_policies(account: Account, role: str) -> list[str]:
    return sorted(account.iam.every("ListRolePolicies", "PolicyNames", RoleName=role))


def _make_attachments(account: Account, role: str, wanted: set[str], real: set[str]) -> None:
    for arn in sorted(wanted - real):
        account.iam("AttachRolePolicy", RoleName=role, PolicyArn=arn)
    for arn in sorted(real - wanted):
        account.iam.unless_gone("DetachRolePolicy", RoleName=role, PolicyArn=arn)


def _make_inline_policies(account: Account, role: str, wanted: set[str], real: set[str]) -> None:
    """Only names are known here, so one that is missing can't be put in."""
    for name in sorted(real - wanted):
        account.iam.unless_gone("DeleteRolePolicy", RoleName=role, PolicyName=name)


def _exclusive(
    kind: str,
    listed: str,
    look: Callable[[Account, str], list[str]],
    make: Callable[[Account, str, set[str], set[str]], None],
) -> Resource:
    """The type that keeps the argument `listed` true of a role. Ids are the role's name."""

    def hold(account: Account, role: str, wanted: list[str]) -> None:
        with doing(f"reconciling the policies of IAM Role ({role})"):
            make(account, role, set(wanted), set(look(account, role)))

    def create(account: Account, inputs: Values) -> tuple[str, Values]:
        role = inputs["roleName"]
        hold(account, role, inputs[listed])
        return role, {}

    def read(account: Account, role: str, state: Values) -> Values | None:
        with doing(f"reading the policies of IAM Role ({role})"):
            if account.iam.unless_gone("GetRole", RoleName=role) is None:
                return None
            return {"roleName": role, listed: look(account, role)}

    def update(
        account: Account, role: str, state: Values, inputs: Values, changed: frozenset[str]
    ) -> None:
        hold(account, role, inputs[listed])

    return Resource(
        type=f"aws:iam/{kind[0].lower()}{kind[1:]}:{kind}",
        inputs={
            listed: Input(value_type=SET, required=True),
            "roleName": Input(required=True, replaces=True),
        },
        create=create,
        read=read,
        update=update,
        delete=lambda account, role, state: None,
    )


EXCLUSIVE = (
    _exclusive(
        "RolePolicyAttachmentsExclusive", "policyArns", attached_policies, _make_attachments
    ),
    _exclusive("RolePoliciesExclusive", "policyNames", _inline_policies, _make_inline_policies),
)
