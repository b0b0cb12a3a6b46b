"""Every committed stack file, the program run with it, and the rules that it is held to."""

import json
import runpy
from pathlib import Path
from typing import Any

import pulumi
import pulumi_policy
import pytest
import yaml
from pulumi_policy import (
    PolicyCustomTimeouts,
    PolicyProviderResource,
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
)

ROOT = Path(__file__).parents[3]

SECRET_KEY = "4dabf18193072939515e22adb298388d"
"""What marks a secret on the wire."""


def defaults() -> dict[str, Any]:
    """The values of Pulumi.yaml: the engine adds them to a stack's own, so tests do too."""
    config = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    return {
        key: said["default"] if "default" in said else said["value"]
        for key, said in config.items()
        if "default" in said or "value" in said
    }


def as_the_engine_passes_it(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)


@pytest.fixture
def deploy(cloud, run):
    """Run the program with a stack file's configuration, to the end."""

    def deploy(config: dict[str, Any]) -> None:
        given = {**defaults(), **config}
        pulumi.runtime.set_all_config(
            {key: as_the_engine_passes_it(value) for key, value in given.items()}
        )
        run(lambda: runpy.run_path(str(ROOT / "__main__.py")))

    return deploy


@pytest.fixture
def rules(monkeypatch) -> list[pulumi_policy.Policy]:
    """The pack's rules as it lists them: a new one is covered the day it is written."""
    listed: list[pulumi_policy.Policy] = []
    monkeypatch.setattr(
        pulumi_policy, "PolicyPack", lambda name, **given: listed.extend(given["policies"])
    )
    runpy.run_path(str(ROOT / "policies" / "__main__.py"), run_name="__main__")
    return listed


@pytest.fixture
def judge(cloud):
    """What the rules say of all that the program registered: (rule, message)."""

    def judge(rules) -> list[tuple[str, str]]:
        resources = policy_resources(cloud)
        said: list[tuple[str, str]] = []
        for rule in rules:

            def report(message, urn=None, rule=rule):
                said.append((rule.name, message))

            if isinstance(rule, ResourceValidationPolicy):
                for each in resources:
                    args = ResourceValidationArgs(
                        each.resource_type,
                        each.props,
                        each.urn,
                        each.name,
                        each.opts,
                        each.provider,
                        {},
                    )
                    rule.validate(args, report)
            else:
                rule.validate(StackValidationArgs(resources, {}), report)
        return said

    return judge


def policy_resources(cloud) -> list[PolicyResource]:
    resources = {
        key: PolicyResource(
            key[0],
            plain(cloud.outputs.get(key, {})),
            f"urn:pulumi:test::okta-aws-federation::{key[0]}::{key[1]}",
            key[1],
            PolicyResourceOptions(
                bool(request.protect), [], None, [], PolicyCustomTimeouts(0, 0, 0), [], None
            ),
            provider_of(cloud, request),
            None,
            [],
            {},
        )
        for key, request in cloud.engine.requests.items()
    }
    for key, request in cloud.engine.requests.items():
        for name, sources in request.propertyDependencies.items():
            resources[key].property_dependencies[name] = [
                resources[of(urn)] for urn in sources.urns
            ]
    return list(resources.values())


def of(urn: str) -> tuple[str, str]:
    """Type and name of what a URN stands for."""
    _, _, kinds, name = urn.split("::")
    return kinds.rpartition("$")[2], name


def provider_of(cloud, request) -> PolicyProviderResource | None:
    if not request.provider:
        return None
    kind, name = of(request.provider.rpartition("::")[0])
    return PolicyProviderResource(kind, plain(cloud.outputs[kind, name]), request.provider, name)


def plain(props: Any) -> Any:
    """As a rule sees properties: a secret is its value."""
    if isinstance(props, dict):
        if SECRET_KEY in props:
            return plain(props["value"])
        return {key: plain(value) for key, value in props.items()}
    return [plain(value) for value in props] if isinstance(props, list) else props
