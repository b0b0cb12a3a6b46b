"""A pack under test: its policies as `__main__.py` lists them, and what each says of a resource."""

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pulumi_policy
import pytest
from pulumi_policy import (
    Policy,
    PolicyCustomTimeouts,
    PolicyProviderResource,
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import unknown_checking_proxy

PACK = Path(__file__).parents[3] / "policies"


class Listed(NamedTuple):
    """What `__main__.py` hands to the engine."""

    name: str
    policies: list[Policy]
    enforcement_level: pulumi_policy.EnforcementLevel


@pytest.fixture
def pack(monkeypatch) -> Listed:
    """The pack as listed, without the server that a real PolicyPack starts."""
    listed = []
    monkeypatch.setattr(
        pulumi_policy, "PolicyPack", lambda name, **given: listed.append(Listed(name, **given))
    )
    runpy.run_path(str(PACK / "__main__.py"), run_name="__main__")
    [only] = listed
    return only


def options(*, protect: bool = False) -> PolicyResourceOptions:
    return PolicyResourceOptions(protect, [], None, [], PolicyCustomTimeouts(0, 0, 0), [], None)


Said = Callable[..., list[str]]


@pytest.fixture
def said_of() -> Said:
    """What a rule over one resource says of it, seen through the proxy that guards unknowns."""

    def said_of(
        rule: ResourceValidationPolicy,
        kind: str,
        props: dict[str, Any],
        *,
        name: str = "audit",
        protect: bool = False,
        provider: PolicyProviderResource | None = None,
        **config: Any,
    ) -> list[str]:
        said: list[str] = []
        args = ResourceValidationArgs(
            kind,
            unknown_checking_proxy(props),
            f"urn:pulumi:dev::access::{kind}::{name}",
            name,
            options(protect=protect),
            provider,
            config,
        )
        rule.validate(args, lambda message, urn=None: said.append(message))
        return said

    return said_of


class Stack:
    """The resources of a stack as a rule over the whole stack sees them."""

    def __init__(self) -> None:
        self.resources: list[PolicyResource] = []

    def add(
        self, kind: str, name: str, props: dict[str, Any], **depends: list[PolicyResource]
    ) -> PolicyResource:
        """Add a resource; `depends` says which property was computed from which resources."""
        resource = PolicyResource(
            kind,
            unknown_checking_proxy(props),
            f"urn:pulumi:dev::access::{kind}::{name}",
            name,
            options(),
            None,
            None,
            [],
            depends,
        )
        self.resources.append(resource)
        return resource

    def said_by(self, rule: StackValidationPolicy, **config: Any) -> list[tuple[str, str | None]]:
        """Name of the resource and message, for each violation."""
        said = []
        args = StackValidationArgs(self.resources, config)
        rule.validate(
            args, lambda message, urn=None: said.append((urn and urn.split("::")[-1], message))
        )
        return said


@pytest.fixture
def stack() -> Stack:
    return Stack()
