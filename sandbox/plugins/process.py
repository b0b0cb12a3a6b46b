"""A plugin's process: it says its port, serves, and ends as soon as it is of no more use."""

import os
import signal
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import NoReturn

import grpc

from sandbox.engine.protos import engine_pb2, engine_pb2_grpc, provider_pb2_grpc
from sandbox.plugins.protocol import Package, Provider

# The engine has up to this many calls under way at once by default on a machine of eight cores.
THREADS = 32


def serve(package: Package, warnings: Iterable[str] = ()) -> None:
    """Serve until the engine says stop, or is gone: then standard input, a pipe of its, ends.

    The engine shows `warnings` among a run's diagnostics.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)
    server = grpc.server(
        ThreadPoolExecutor(THREADS),
        options=[("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(package), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    for message in warnings:
        _warn(sys.argv[1], message)
    sys.stdin.buffer.read()
    _end()


def _warn(engine_address: str, message: str) -> None:
    with grpc.insecure_channel(engine_address) as channel:
        request = engine_pb2.LogRequest(severity=engine_pb2.WARNING, message=message)
        engine_pb2_grpc.EngineStub(channel).Log(request)


def _end(*_: object) -> NoReturn:
    """At once: whoever asked waits for it, and nothing here needs to be put in order."""
    os._exit(0)
