"""The unchanged program deployed without the engine: each registration is a call of a plugin.

What the engine does besides (previews, diffs, state) is not needed to ask what a deployment allows,
and 300 deployments by the engine would take an hour.
"""

import asyncio
import json
import runpy
from pathlib import Path
from typing import Any

import pulumi

from sandbox.aws.server import LocalAws
from sandbox.okta.server import LocalOkta
from sandbox.plugins import plan
from sandbox.plugins.aws.package import PACKAGE as AWS
from sandbox.plugins.okta.package import PACKAGE as OKTA

ROOT = Path(__file__).parents[3]
PACKAGES = {"aws": AWS, "okta": OKTA}
TYPES = {
    resource.type: (name, resource)
    for name, package in PACKAGES.items()
    for resource in package.resources
}


class Deployer(pulumi.runtime.Mocks):
    """Answers the SDK as the engine would, having really created what was registered."""

    def __init__(self, aws: LocalAws, okta: LocalOkta) -> None:
        self.aws = aws
        self.org = OKTA.connect({"httpProxy": okta.url, "apiToken": okta.token})
        self.accounts: dict[str, Any] = {}
        self.clouds: dict[str, Any] = {}
        """Provider of the program -> the cloud behind it."""

    def deploy(self, config: dict[str, Any]) -> None:
        """Run the program with this configuration, to the end."""
        self.clouds = {}
        asyncio.set_event_loop(asyncio.new_event_loop())
        pulumi.runtime.set_mocks(self, "okta-aws-federation", "oracle", preview=False)
        pulumi.runtime.set_all_config(
            {
                f"okta-aws-federation:{key}": value if isinstance(value, str) else json.dumps(value)
                for key, value in config.items()
            }
        )
        try:
            pulumi.runtime.test(lambda: runpy.run_path(str(ROOT / "__main__.py")) and None)()
        finally:  # whoever uses mocks next in this process has a root of its own
            pulumi.runtime.settings.set_root_resource(None)

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        if args.typ.startswith("pulumi:providers:"):
            package = args.typ.rpartition(":")[2]
            self.clouds[f"{package} {args.name}"] = self._connect(package, args.inputs)
            return args.name, dict(args.inputs)
        if args.typ not in TYPES:
            return args.name, dict(args.inputs)  # a component
        package, resource = TYPES[args.typ]
        cloud = self.clouds[f"{package} {(args.provider or '').split('::')[-2]}"]
        inputs, wrong = plan.check(
            resource, args.name, whole(args.inputs), {}, lambda longest: args.name[:longest]
        )
        assert not wrong, f"{args.typ} {args.name}: {wrong}"
        inputs |= resource.derived(cloud, inputs)
        identifier, made = resource.calls.create(cloud, inputs)
        state = plan.merge_state(resource, inputs, made)
        if resource.reads_after(inputs, frozenset()):
            state |= resource.calls.read(cloud, identifier, state) or {}
        return identifier, {**state, "id": identifier}

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
        if args.token == "pulumi:pulumi:readStackOutputs":
            return {"name": args.args["name"], "outputs": {}}  # the first deployment
        package = args.token.partition(":")[0]
        # Okta is looked up before its provider is registered; there is one org.
        connected = {name.partition(" ")[0]: cloud for name, cloud in self.clouds.items()}
        cloud = self.org if package == "okta" else connected[package]
        found: dict[str, Any] = PACKAGES[package].lookups[args.token].call(cloud, dict(args.args))
        return found

    def _connect(self, package: str, inputs: dict[str, Any]) -> Any:
        if package == "okta":
            return self.org
        [account] = json.loads(inputs["allowedAccountIds"])
        if account not in self.accounts:
            key = self.aws.administrators[account]
            endpoints = {service: self.aws.url for service in ("iam", "sts")}
            self.accounts[account] = AWS.connect(
                {
                    "accessKey": key.access_key_id,
                    "secretKey": key.secret_access_key,
                    "region": inputs["region"],
                    "allowedAccountIds": inputs["allowedAccountIds"],
                    "endpoints": json.dumps([endpoints]),
                }
            )
        return self.accounts[account]


def whole(value: Any) -> Any:
    """Numbers as they were: on the wire all are floats, and the plugins' own reader mends that."""
    if isinstance(value, dict):
        return {key: whole(each) for key, each in value.items()}
    if isinstance(value, list):
        return [whole(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
