"""The stack's outputs of its last update, as the program of the next one needs them."""

import time
from typing import Any

import grpc
import pulumi
from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto.resource_pb2 import ResourceInvokeRequest
from pulumi.runtime.settings import get_monitor

PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds before each further attempt. A file backend writes a state's `.attrs` file in place:
whoever reads meanwhile gets "failed to load checkpoint: EOF" (gocloud.dev,
blob/fileblob/attrs.go)."""


def read_last_outputs(stack: str) -> dict[str, Any]:
    """What a stack (`ORGANIZATION/PROJECT/STACK`) last exported; empty before its first update.

    The engine is asked directly: a call that fails in `pulumi.runtime.invoke` ends the program,
    whoever catches it. Raises RunError if the engine can't read the stack.
    """
    arguments = Struct()
    arguments.update({"name": stack})
    request = ResourceInvokeRequest(tok="pulumi:pulumi:readStackOutputs", args=arguments)
    monitor: Any = get_monitor()
    attempts = len(PAUSES)
    while True:
        try:
            answer = monitor.Invoke(request)
        except grpc.RpcError as error:
            if not attempts:
                raise pulumi.RunError(f"the outputs of stack {stack}: {error.details()}") from error
            time.sleep(PAUSES[-attempts])
            attempts -= 1
        else:
            return MessageToDict(getattr(answer, "return")).get("outputs") or {}
