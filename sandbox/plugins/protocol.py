"""The resource provider protocol, for any cloud and any table of resource types.

Protocol: `pulumi/provider.proto` of the Pulumi SDK. The engine takes the marks off secrets before
it sends values and puts them back on what comes under the same name, because `acceptSecrets` is
left out.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty

from sandbox.engine.protos import plugin_pb2, provider_pb2, provider_pb2_grpc
from sandbox.plugins import answers, plan
from sandbox.plugins.package_schema import package_schema
from sandbox.plugins.schema import (
    CloudError,
    Input,
    LookUp,
    NilState,
    PartlyCreated,
    Resource,
    Values,
)
from sandbox.plugins.values import pack, unpack


@dataclass(frozen=True, kw_only=True)
class Package:
    """What a plugin offers: the cloud behind it, its resource types, its look-ups."""

    sdk: str
    """The Python package whose published plugin this stands in for."""
    arguments: Mapping[str, Input]
    """The provider's own. Those that are no text travel as JSON."""
    secrets: tuple[str, ...]
    """Which of them are credentials."""
    connect: Callable[[Values], Any]
    """The cloud as the arguments and the environment say. Raises CloudError."""
    resources: Iterable[Resource]
    lookups: Mapping[str, LookUp] = field(default_factory=dict)
    """By token."""
    format_error: Callable[[str], str] = str
    """How the published plugin words what a call for a resource or a look-up failed with."""


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """Answers the engine for one package; the engine starts one process for each provider."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.resources = {resource.type: resource for resource in package.resources}
        self.cloud: Any = None

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> Any:
        return provider_pb2.ProviderHandshakeResponse(supports_autonaming_configuration=True)

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> Any:
        # The engine compares the number with the SDK's; the rest says what this is.
        return plugin_pb2.PluginInfo(version=f"{version(self.package.sdk)}+emulated")

    def GetSchema(self, request: Any, context: grpc.ServicerContext) -> Any:
        schema = package_schema(
            name=self.package.sdk.removeprefix("pulumi_"),
            version=version(self.package.sdk),
            config=self.package.arguments,
            config_secrets=self.package.secrets,
            resources=self.package.resources,
            lookups=self.package.lookups,
        )
        return provider_pb2.GetSchemaResponse(schema=schema)

    def CheckConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        config = unpack(request.news)
        name = request.urn.rpartition("::")[2]
        failures = plan.config_failures(self.package.arguments, config, name)
        return answers.checked(config, failures, self.package.secrets)

    def DiffConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Another configuration needs no new provider, and so no new resources."""
        old, new = unpack(request.old_inputs or request.olds), unpack(request.news)
        return answers.diff(
            {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
        )

    def Configure(self, request: Any, context: grpc.ServicerContext) -> Any:
        with answers.grpc_errors(context):
            self.cloud = self.package.connect(unpack(request.args))
        return provider_pb2.ConfigureResponse(
            supportsPreview=True, supports_autonaming_configuration=True
        )

    def Check(self, request: Any, context: grpc.ServicerContext) -> Any:
        resource = self._resource(request.urn, context)
        name = request.urn.rpartition("::")[2]
        new, old = unpack(request.news), unpack(request.olds)
        inputs, failures = plan.check(resource, name, new, old, answers.namer(request))
        if not failures:
            inputs |= resource.derived(self.cloud, inputs)
        return answers.checked(inputs, failures)

    def Diff(self, request: Any, context: grpc.ServicerContext) -> Any:
        resource = self._resource(request.urn, context)
        state, new = unpack(request.olds), unpack(request.news)
        changed = plan.differences(resource, state, new, request.ignoreChanges)
        replaces = {name for name in changed if resource.inputs[name].replaces}
        answer = answers.diff(
            changed, replaces, {name for name in changed if state.get(name) is None}
        )
        answer.deleteBeforeReplace = bool(replaces) and plan.must_delete_before_replace(
            resource, new
        )
        return answer

    def Create(self, request: Any, context: grpc.ServicerContext) -> Any:
        resource, inputs = self._resource(request.urn, context), unpack(request.properties)
        if request.preview:
            outputs = plan.planned_outputs(resource, {}, inputs)
            return provider_pb2.CreateResponse(properties=pack(outputs, resource.secrets))
        with answers.grpc_errors(context, inputs, resource.secrets, self.package.format_error):
            try:
                identifier, outputs = self._create(resource, inputs)
            except NilState:
                answers.refuse(
                    context, f"expected non-nil error with nil state during Create of {request.urn}"
                )
        return provider_pb2.CreateResponse(
            id=identifier, properties=pack(outputs | {"id": identifier}, resource.secrets)
        )

    def _create(self, resource: Resource, inputs: Values) -> tuple[str, Values]:
        identifier, made = resource.calls.create(self.cloud, inputs)
        state = plan.merge_state(resource, inputs, made)
        if not resource.reads_after(inputs, frozenset()):
            return identifier, state
        try:
            read = resource.read_created or resource.calls.read
            found = read(self.cloud, identifier, state)
        except CloudError as error:
            raise PartlyCreated(identifier, state, str(error)) from error
        if found is None:
            reason = f"{identifier} was created, but is not to be found"
            raise PartlyCreated(identifier, state, reason)
        return identifier, state | found

    def Read(self, request: Any, context: grpc.ServicerContext) -> Any:
        """A refresh, or an import, which has neither state nor inputs yet."""
        resource, state = self._resource(request.urn, context), unpack(request.properties)
        old = unpack(request.inputs)
        with answers.grpc_errors(context, form=self.package.format_error):
            found = resource.calls.read(self.cloud, request.id, state)
        if found is None:
            return provider_pb2.ReadResponse()
        outputs = plan.merge_state(resource, {}, state | {"id": request.id} | found)
        return provider_pb2.ReadResponse(
            id=outputs["id"],
            properties=pack(outputs, resource.secrets),
            inputs=pack(plan.inputs_from_state(resource, outputs, old), resource.secrets),
        )

    def Update(self, request: Any, context: grpc.ServicerContext) -> Any:
        resource = self._resource(request.urn, context)
        state, new = unpack(request.olds), unpack(request.news)
        wanted = plan.planned_outputs(resource, state, new)
        if request.preview:
            return provider_pb2.UpdateResponse(properties=pack(wanted, resource.secrets))
        changed = plan.differences(resource, state, new, request.ignoreChanges)
        try:
            if resource.calls.update and changed:
                resource.calls.update(self.cloud, request.id, state, new, changed)
            found: Values | None = {}
            if resource.reads_after(new, changed):
                found = resource.calls.read(self.cloud, request.id, wanted)
        except CloudError as error:
            # As the published plugins do: what was wanted is remembered as if it had been done.
            reason = self.package.format_error(str(error))
            answers.fail(context, request.id, wanted, new, resource.secrets, reason)
        if found is None:
            answers.refuse(context, f"{request.id} was changed, but is not to be found")
        outputs = plan.merge_state(resource, new, wanted | found)
        return provider_pb2.UpdateResponse(properties=pack(outputs, resource.secrets))

    def Delete(self, request: Any, context: grpc.ServicerContext) -> Any:
        resource = self._resource(request.urn, context)
        with answers.grpc_errors(context, form=self.package.format_error):
            resource.calls.delete(self.cloud, request.id, unpack(request.properties))
        return Empty()

    def Invoke(self, request: Any, context: grpc.ServicerContext) -> Any:
        look_up = self.package.lookups.get(request.tok)
        if look_up is None:
            answers.refuse(context, f"this emulated plugin has no look-up {request.tok}")
        with answers.grpc_errors(
            context, form=lambda text: f"invoking {request.tok}: {self.package.format_error(text)}"
        ):
            found = look_up.call(self.cloud, unpack(request.args))
        return provider_pb2.InvokeResponse(**{"return": pack(found)})

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Nothing waits for long enough to be called off."""
        return Empty()

    def _resource(self, urn: str, context: grpc.ServicerContext) -> Resource:
        token = urn.split("::")[2].rpartition("$")[2]
        if token not in self.resources:
            answers.refuse(context, f"this emulated plugin has no resource type {token}")
        return self.resources[token]
