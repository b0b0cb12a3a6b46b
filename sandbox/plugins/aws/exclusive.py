"""The only policies a role may have: what anybody else gave it is taken away."""

from collections.abc import Callable
from typing import Any

from sandbox.plugins.aws.account import Account, ask, ask_or_none, every
from sandbox.plugins.schema import Input, Kind, Values


def as_set(names: list[str] | None) -> list[str]:
    return sorted(names or [])


def attached(account: Account, role: str) -> list[str] | None:
    operation, field = "list_attached_role_policies", "AttachedPolicies"
    found = every(account, f"reading IAM Role ({role})", operation, field, RoleName=role)
    return None if found is None else sorted(policy["PolicyArn"] for policy in found)


def inside(account: Account, role: str) -> list[str] | None:
    operation, field = "list_role_policies", "PolicyNames"
    found = every(account, f"reading IAM Role ({role})", operation, field, RoleName=role)
    return None if found is None else sorted(found)


def detach(account: Account, role: str, arn: str) -> None:
    call, doing = account.iam.detach_role_policy, f"detaching IAM Policy ({arn})"
    ask_or_none(account, doing, call, RoleName=role, PolicyArn=arn)


def attach(account: Account, role: str, arn: str) -> None:
    call, doing = account.iam.attach_role_policy, f"attaching IAM Policy ({arn})"
    ask(account, doing, call, RoleName=role, PolicyArn=arn)


def drop(account: Account, role: str, name: str) -> None:
    call, doing = account.iam.delete_role_policy, f"deleting IAM Role Policy ({role}:{name})"
    ask_or_none(account, doing, call, RoleName=role, PolicyName=name)


def keep(account: Account, role: str, name: str) -> None:
    """An inline policy that is missing can't be made here: its document is another resource's."""


def exclusive(
    kind: str,
    names: str,
    holding: Callable[[Account, str], list[str] | None],
    add: Callable[[Account, str, str], None],
    remove: Callable[[Account, str, str], None],
) -> Kind:
    """The type whose argument `names` lists all that the role may hold."""

    def settle(account: Account, inputs: Values) -> tuple[str, Values]:
        role, wanted = inputs["roleName"], set(inputs[names])
        held = set(holding(account, role) or [])
        for name in sorted(held - wanted):
            remove(account, role, name)
        for name in sorted(wanted - held):
            add(account, role, name)
        return role, {}

    def look(account: Account, role: str, state: Values) -> Values | None:
        held = holding(account, role)
        return None if held is None else {"roleName": role, names: held}

    def change(account: Account, role: str, old: Values, new: Values) -> Values:
        return settle(account, new)[1]

    def forget(account: Account, role: str, state: Values) -> None:
        """Nothing is deleted with it: only the watch ends."""

    name = kind[0].lower() + kind[1:]
    return Kind(
        type=f"aws:iam/{name}:{kind}",
        inputs=(
            Input(names, required=True, meaning=as_set),
            Input("roleName", required=True, replaces=True),
        ),
        outputs=(),
        create=settle,
        read=look,
        update=change,
        delete=forget,
    )


KINDS: tuple[Any, ...] = (
    exclusive("RolePolicyAttachmentsExclusive", "policyArns", attached, attach, detach),
    exclusive("RolePoliciesExclusive", "policyNames", inside, keep, drop),
)
