"""A consumer of version 1 as it was released, frozen: what it reads has to stay readable."""

from typing import Any

import pulumi

CONTRACT_VERSION = 1


class Federation:
    """A federation's stack, read by reference. A missing output is an error that names it."""

    def __init__(self, stack: str) -> None:
        self._stack = pulumi.StackReference(stack)
        self._stack.require_output("contractVersion").apply(require_version)

    def role_name(self, role: str) -> pulumi.Output[str]:
        """The name of a role, to attach more policies to it."""
        return self._stack.require_output("roles").apply(
            lambda roles: entry(roles, role)["arn"].rpartition("/")[2]
        )

    def trust_policy(self, role: str) -> pulumi.Output[str]:
        """The trust policy of a role: a role with the same one is entered by the same sign-in."""
        return self._stack.require_output("trustPolicies").apply(lambda trusts: entry(trusts, role))


def require_version(found: int) -> None:
    if found != CONTRACT_VERSION:
        raise ValueError(
            f"the federation's outputs have version {found:g}; this project reads version 1"
        )


def entry(mapping: dict[str, Any], name: str) -> Any:
    if name not in mapping:
        raise KeyError(f"the federation has no role {name}; it has {', '.join(sorted(mapping))}")
    return mapping[name]
