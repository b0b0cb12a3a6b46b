"""The resource provider protocol, for kinds that say what they are in a table.

Protocol: `pulumi/provider.proto` of the SDK. Values travel as protobuf structs; an unknown is one
fixed string, a secret an object with a fixed signature.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import Any

import grpc
from google.protobuf import json_format, struct_pb2
from google.protobuf.empty_pb2 import Empty

from sandbox.plugins.protos import failure, plugin_pb2, provider_pb2, provider_pb2_grpc
from sandbox.plugins.schema import Input, Kind, Values, inputs_of

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  (a mark of the protocol)

Invokes = Mapping[str, Callable[[Any, Values], Values]]


class CloudError(Exception):
    """What the cloud said, in one line."""


class PartlyCreated(Exception):
    """It exists, but could not be finished: the engine must remember the id."""

    def __init__(self, identifier: str, outputs: Values, reason: str) -> None:
        super().__init__(reason)
        self.identifier, self.outputs = identifier, outputs


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """One plugin: a way to reach its cloud, its kinds, its look-ups."""

    def __init__(
        self,
        sdk: str,
        connect: Callable[[Values], Any],
        kinds: tuple[Kind, ...],
        invokes: Invokes,
    ) -> None:
        """`sdk` is the Python package whose plugin this stands in for."""
        self.sdk, self.connect, self.invokes = sdk, connect, invokes
        self.kinds = {kind.type: kind for kind in kinds}
        self.cloud: Any = None

    def Handshake(self, request: Any, context: Any) -> Any:
        return provider_pb2.ProviderHandshakeResponse(accept_resources=False)

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        # The engine compares the number with the SDK's; the rest says what this is.
        return plugin_pb2.PluginInfo(version=f"{version(self.sdk)}+stand-in")

    def CheckConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.DiffResponse(
            changes=changed(unpack(request.olds) != unpack(request.news))
        )

    def Configure(self, request: Any, context: Any) -> Any:
        try:
            self.cloud = self.connect(unpack(request.args))
        except CloudError as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        return provider_pb2.ConfigureResponse(acceptSecrets=False, supportsPreview=True)

    def Check(self, request: Any, context: Any) -> Any:
        kind = self.kind(request.urn, context)
        given, old = unpack(request.news), unpack(request.olds)
        problems = [
            (name, f"this stand-in does not know {name} of {kind.type}")
            for name in sorted(given.keys() - kind.names)
        ]
        for one in kind.inputs:
            if one.name not in given and one.default is not None:
                given[one.name] = one.default
            if problem := wrong(one, given.get(one.name)):
                problems.append((one.name, problem))
        if kind.longest_name and "name" not in given:
            given["name"] = old.get("name") or generated(request, kind.longest_name)
        failures = [provider_pb2.CheckFailure(property=n, reason=reason) for n, reason in problems]
        return provider_pb2.CheckResponse(inputs=pack(given), failures=failures)

    def Diff(self, request: Any, context: Any) -> Any:
        kind = self.kind(request.urn, context)
        old, new = unpack(request.old_inputs), unpack(request.news)
        differing = [
            one
            for one in kind.inputs
            if one.name not in request.ignoreChanges
            and one.meaning(old.get(one.name)) != one.meaning(new.get(one.name))
        ]
        replaces = [one.name for one in differing if one.replaces]
        return provider_pb2.DiffResponse(
            changes=changed(bool(differing)),
            replaces=replaces,
            diffs=[one.name for one in differing],
            # A name that the program gives can't be taken twice at once.
            deleteBeforeReplace=bool(replaces),
        )

    def Create(self, request: Any, context: Any) -> Any:
        kind, inputs = self.kind(request.urn, context), unpack(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=pack(foreseen(kind, inputs)))
        try:
            identifier, outputs = self.calling(context, kind.create, inputs)
        except PartlyCreated as error:
            init_failed(context, error.identifier, inputs | error.outputs, inputs, str(error))
        return provider_pb2.CreateResponse(id=identifier, properties=packed(kind, inputs | outputs))

    def Read(self, request: Any, context: Any) -> Any:
        kind, old = self.kind(request.urn, context), unpack(request.inputs)
        state = unpack(request.properties)
        found = self.calling(context, kind.read, request.id, state)
        if found is None:
            return provider_pb2.ReadResponse()
        inputs = inputs_of(kind, found, old)
        return provider_pb2.ReadResponse(
            id=found.pop("id", request.id),
            inputs=pack(inputs),
            properties=packed(kind, state | found),
        )

    def Update(self, request: Any, context: Any) -> Any:
        kind = self.kind(request.urn, context)
        old, new = unpack(request.olds), unpack(request.news)
        if request.preview:
            return provider_pb2.UpdateResponse(properties=packed(kind, old | new))
        if kind.update is None:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, f"{kind.type} has nothing to update")
            raise AssertionError
        outputs = self.calling(context, kind.update, request.id, old, new)
        return provider_pb2.UpdateResponse(properties=packed(kind, old | new | outputs))

    def Delete(self, request: Any, context: Any) -> Any:
        kind = self.kind(request.urn, context)
        self.calling(context, kind.delete, request.id, unpack(request.properties))
        return Empty()

    def Invoke(self, request: Any, context: Any) -> Any:
        if request.tok not in self.invokes:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, f"this stand-in has no {request.tok}")
        found = self.calling(context, self.invokes[request.tok], unpack(request.args))
        return provider_pb2.InvokeResponse(**{"return": pack(found)})

    def Cancel(self, request: Any, context: Any) -> Any:
        return Empty()

    def kind(self, urn: str, context: Any) -> Kind:
        token = urn.split("::")[2].rpartition("$")[2]
        if token not in self.kinds:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, f"this stand-in has no type {token}")
        return self.kinds[token]

    def calling(self, context: Any, call: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return call(self.cloud, *arguments)
        except CloudError as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))


def wrong(one: Input, value: Any) -> str | None:
    """What is wrong with an argument; nothing can be said of an unknown one."""
    if value is None:
        return f"missing required argument {one.name}" if one.required else None
    if one.check is None or value == UNKNOWN:
        return None
    return one.check(value)


def foreseen(kind: Kind, inputs: Values) -> Values:
    unknown = dict.fromkeys(kind.outputs, UNKNOWN)
    return unknown | inputs | (kind.known(inputs) if kind.known else {})


def generated(request: Any, longest: int) -> str:
    name = request.urn.rpartition("::")[2]
    return f"{name[: longest - 8]}-{request.randomSeed.hex()[:7]}"


def changed(differs: bool) -> Any:
    answer = provider_pb2.DiffResponse
    return answer.DIFF_SOME if differs else answer.DIFF_NONE


def init_failed(context: Any, identifier: str, state: Values, inputs: Values, reason: str) -> None:
    detail = provider_pb2.ErrorResourceInitFailed(
        id=identifier, properties=pack(state), inputs=pack(inputs), reasons=[reason]
    )
    context.abort_with_status(failure(reason, detail))


def unpack(values: struct_pb2.Struct) -> Values:
    """Plain values: no nulls, no marks of secrets, whole numbers as integers."""
    return {
        name: plain(value)
        for name, value in json_format.MessageToDict(values).items()
        if value is not None
    }


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET:
            return plain(value.get("value"))
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def pack(values: Values) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update({name: value for name, value in values.items() if not name.startswith("__")})
    return struct


def packed(kind: Kind, values: Values) -> struct_pb2.Struct:
    """A state for the engine, its secrets marked."""
    marked = {
        name: {SIGNATURE: SECRET, "value": values[name]}
        for name in kind.secrets
        if values.get(name) is not None
    }
    return pack(values | marked)


def serve(provider: Provider) -> None:
    """Serve until the engine says stop, or is gone."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os._exit(0))
    server = grpc.server(
        ThreadPoolExecutor(max_workers=16), options=[("grpc.max_receive_message_length", -1)]
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    threading.Thread(target=end_with_parent, args=(os.getppid(),), daemon=True).start()
    server.wait_for_termination()


def end_with_parent(parent: int) -> None:
    """A killed engine can't say stop; its orphan would stay for ever."""
    beat = threading.Event()
    while os.getppid() == parent:
        beat.wait(0.5)
    sys.stdout.flush()
    os._exit(0)
