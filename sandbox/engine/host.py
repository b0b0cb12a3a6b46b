"""Pulumi's Python language host, emulated: `host.py ENGINE_ADDRESS`.

The engine starts it, reads its port from the first line of its output, and asks it to run Python
programs and policy packs. It ends, with everything that it started, on SIGINT, on SIGTERM and when
its standard input ends, which is when the engine is gone.

Protocol: `pulumi/language.proto` of the Pulumi SDK. What only serves to create projects and to
generate SDKs is left out.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import IO, NoReturn, TypeVar

import grpc
from google.protobuf.empty_pb2 import Empty

from sandbox.engine import project
from sandbox.engine.project import Project, ProjectError
from sandbox.engine.protos import language_pb2 as language
from sandbox.engine.protos import language_pb2_grpc, plugin_pb2

RUNNER = Path(__file__).with_name("runner.py")
EXIT_ERROR_REPORTED = 32
"""The runner's exit code for a program that failed and whose error the user has seen."""
# The program and each policy pack keep one for as long as they run.
THREADS = 32

Message = TypeVar("Message")


class Host(language_pb2_grpc.LanguageRuntimeServicer):
    """Answers the engine at the address `engine`."""

    def __init__(self, engine: str) -> None:
        self.engine = engine

    def Handshake(
        self, request: language.LanguageHandshakeRequest, context: grpc.ServicerContext
    ) -> language.LanguageHandshakeResponse:
        return language.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version="0.0.0-emulated")

    def GetRequiredPackages(
        self, request: language.GetRequiredPackagesRequest, context: grpc.ServicerContext
    ) -> language.GetRequiredPackagesResponse:
        packages = project.required_packages(_ready(request.info, context))
        return language.GetRequiredPackagesResponse(packages=packages)

    def Run(
        self, request: language.RunRequest, context: grpc.ServicerContext
    ) -> language.RunResponse:
        """Run the program to its end."""
        target = _ready(request.info, context)
        settings = {
            "monitor": request.monitor_address,
            "engine": self.engine,
            "project": request.project,
            "stack": request.stack,
            "parallel": request.parallel,
            "dry_run": request.dryRun,
            "organization": request.organization,
            "root_directory": str(target.root),
            "exit_error_reported": EXIT_ERROR_REPORTED,
        }
        config = {
            "PULUMI_CONFIG": json.dumps(dict(request.config)),
            "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
        }
        # -u: what the program prints is shown when it happens. -P: the runner's folder stays off
        # the import path, as does the current one until the program runs in it.
        process = subprocess.Popen(
            [target.python, "-uP", RUNNER, json.dumps(settings), target.entry, *request.args],
            cwd=target.program,
            env=target.activated(os.environ | config),
            stdin=subprocess.DEVNULL,
        )
        _end_with(context, process)
        code = process.wait()
        return language.RunResponse(bail=code == EXIT_ERROR_REPORTED, error=_ending(code))

    def RunPlugin(
        self, request: language.RunPluginRequest, context: grpc.ServicerContext
    ) -> Iterator[language.RunPluginResponse]:
        """Run a policy pack, or a provider plugin that is source, until the engine cancels."""
        plugin = _ready(request.info, context)
        commands = {
            "analyzer": ["-m", "pulumi.policy", *request.args, plugin.program],
            "resource": [plugin.program, *request.args],
        }
        if request.kind not in commands:
            message = (
                "the sandbox's Python language host runs policy packs and provider plugins, "
                f"not '{request.kind}'"
            )
            context.abort(grpc.StatusCode.UNIMPLEMENTED, message)
        code = yield from _stream(
            [plugin.python, "-u", *commands[request.kind]],
            folder=Path(request.pwd),
            environment=plugin.activated(dict(entry.split("=", 1) for entry in request.env)),
            context=context,
            message=language.RunPluginResponse,
        )
        yield language.RunPluginResponse(exitcode=code)

    def InstallDependencies(
        self, request: language.InstallDependenciesRequest, context: grpc.ServicerContext
    ) -> Iterator[language.InstallDependenciesResponse]:
        """Make the virtual environment, if the project names one, and fill it."""
        target = project.of(request.info)
        for command in project.installation(target):
            code = yield from _stream(
                command,
                folder=target.program,
                environment=os.environ.copy(),
                context=context,
                message=language.InstallDependenciesResponse,
            )
            if code:
                context.abort(grpc.StatusCode.INTERNAL, f"exit code {code} of: {command}")

    def About(
        self, request: language.AboutRequest, context: grpc.ServicerContext
    ) -> language.AboutResponse:
        python = _ready(request.info, context).python
        answer = subprocess.run([python, "--version"], capture_output=True, text=True, check=True)
        return language.AboutResponse(
            executable=str(python), version=answer.stdout.removeprefix("Python ").strip()
        )

    def GetProgramDependencies(
        self, request: language.GetProgramDependenciesRequest, context: grpc.ServicerContext
    ) -> language.GetProgramDependenciesResponse:
        packages = project.dependencies(
            _ready(request.info, context), transitive=request.transitiveDependencies
        )
        return language.GetProgramDependenciesResponse(dependencies=packages)

    def Cancel(self, request: Empty, context: grpc.ServicerContext) -> Empty:
        """The engine is about to end its calls and this process; nothing is to be done before."""
        return Empty()


def _ending(code: int) -> str:
    """What the user has not been told yet about how the program ended."""
    if code in (0, EXIT_ERROR_REPORTED):
        return ""
    if code < 0:
        return f"the program was ended by {signal.Signals(-code).name}"
    return f"the program ended with exit code {code}"


def _ready(info: language.ProgramInfo, context: grpc.ServicerContext) -> Project:
    """The project and its Python; ends the call with one line for the user if it has none."""
    try:
        target = project.of(info)
        target.check()
    except ProjectError as error:
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        raise
    return target


def _end_with(context: grpc.ServicerContext, process: subprocess.Popen[bytes]) -> None:
    """End the process when the call ends: the engine cancels what it no longer wants.

    And wait for it: nobody goes on with a cancelled call, so nobody else would.
    """

    def end() -> None:
        process.kill()
        process.wait()

    if not context.add_callback(end):
        end()


def _stream(
    command: Sequence[str | Path],
    *,
    folder: Path,
    environment: dict[str, str],
    context: grpc.ServicerContext,
    message: Callable[..., Message],
) -> Generator[Message, None, int]:
    """Run a command; its lines go out as they come, each as a message's `stdout` or `stderr`."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    _end_with(context, process)
    messages: SimpleQueue[Message | None] = SimpleQueue()

    def pump(name: str, stream: IO[bytes]) -> None:
        for line in stream:
            messages.put(message(**{name: line}))
        messages.put(None)

    streams = {"stdout": process.stdout, "stderr": process.stderr}
    for name, stream in streams.items():
        Thread(target=pump, args=(name, stream), daemon=True).start()
    for _ in streams:
        yield from iter(messages.get, None)
    return process.wait()


def _end(*_: object) -> NoReturn:
    """End this process and all that it has started: they share a process group."""
    os.killpg(os.getpgrp(), signal.SIGKILL)
    raise SystemExit


def main() -> None:
    if os.getpgrp() != os.getpid():
        os.setpgid(0, 0)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)
    server = grpc.server(ThreadPoolExecutor(THREADS))
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(Host(engine=sys.argv[-1]), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    sys.stdin.buffer.read()
    _end()


if __name__ == "__main__":
    main()
