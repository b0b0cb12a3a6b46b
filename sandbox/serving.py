"""Serving from a thread, and serving a cloud from the command line until it is stopped."""

import logging
import os
import signal
import sys
import threading
from contextlib import AbstractContextManager
from socketserver import BaseServer
from typing import Self

import click
from werkzeug.serving import WSGIRequestHandler


class QuietHandler(WSGIRequestHandler):
    """Logs no request; the clouds log what matters themselves."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class ServedFromThread:
    """A server of the standard library's kind, which serves while the block runs."""

    def __init__(self, server: BaseServer, name: str) -> None:
        self._server = server
        self._thread = threading.Thread(
            target=server.serve_forever, args=[0.05], name=name, daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def log_to_stderr(name: str) -> None:
    """What the cloud of this name logs goes beside what it says on standard output."""
    logging.basicConfig(stream=sys.stderr, format=f"%(asctime)s {name} %(levelname)s %(message)s")
    logging.getLogger(f"sandbox.{name}").setLevel(logging.INFO)


def serve_until_stopped(
    cloud: AbstractContextManager[object], ready_text: str, *, until_eof: bool
) -> None:
    """Serve until SIGINT, SIGTERM or the end of the input; print `ready_text` once it listens."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with cloud:
        click.echo(ready_text)
        if until_eof:
            threading.Thread(target=_end_with_input, args=[ended], daemon=True).start()
        ended.wait()


def _end_with_input(ended: threading.Event) -> None:
    # Not through sys.stdin: a thread that waits inside it makes the interpreter abort at exit.
    while os.read(sys.stdin.fileno(), 4096):
        pass
    ended.set()
