"""A plugin's process: it says its port, serves, and ends as soon as it is of no more use."""

import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import NoReturn

import grpc

from sandbox.plugins.protocol import Package, Provider
from sandbox.plugins.protos import provider_pb2_grpc

# The engine has up to this many calls under way at once by default on a machine of eight cores.
THREADS = 32


def serve(package: Package) -> None:
    """Serve until the engine says stop, or is gone: then standard input, a pipe of its, ends."""
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
    sys.stdin.buffer.read()
    _end()


def _end(*_: object) -> NoReturn:
    """At once: whoever asked waits for it, and nothing here needs to be put in order."""
    os._exit(0)
