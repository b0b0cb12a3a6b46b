"""Both clouds on loopback, each in a process of its own, and where to find them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import psutil

from sandbox.errors import SandboxError
from sandbox.network.client import DIRECT, Route

if TYPE_CHECKING:  # the servers bring moto; here only their addresses are needed
    from sandbox.aws.server import LocalAws
    from sandbox.okta.server import LocalOkta

STOP_SECONDS = 10
# A demonstration makes more calls in a minute than a real deployment; nobody waits for a window.
RATE_LIMIT_SCALE = 100


@dataclass(frozen=True, kw_only=True)
class Clouds:
    """Addresses, and the keys that administer what is behind them; all made up at the start."""

    aws_url: str
    accounts: Mapping[str, Mapping[str, str]]
    """Account id -> `accessKeyId` and `secretAccessKey` of its administrator."""
    okta_url: str
    okta_token: str
    admin: Mapping[str, str]
    """`login` and `password` of Okta's administrator."""
    people: Mapping[str, Mapping[str, str]]
    """Login -> `password`, of everybody who is in the org from the start."""

    control: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """`aws` and `okta` -> `url` and `token` of the cloud's fault control endpoint."""

    route: Route | None = None
    """To `https://sandbox.okta.test`; None: plain HTTP only."""

    @classmethod
    def of(cls, aws: Mapping[str, Any], okta: Mapping[str, Any]) -> Self:
        """What `LocalAws.ready` and `LocalOkta.ready` answer, put together."""
        return cls(
            aws_url=aws["url"],
            accounts=aws["accounts"],
            okta_url=okta["url"],
            okta_token=okta["token"],
            admin=okta["admin"],
            people=okta["people"],
            route=Route(**okta["route"]) if okta["route"] else None,
            control={"aws": aws["control"], "okta": okta["control"]},
        )

    @classmethod
    def in_process(cls, aws: "LocalAws", okta: "LocalOkta") -> Self:
        """Those that run in this process."""
        return cls.of(aws.ready(), okta.ready())

    def variables(self, account: str, *, http_proxy: bool = False) -> dict[str, str]:
        """The environment that leads the providers, and any AWS client, to these clouds.

        Okta is `https://sandbox.okta.test` behind HTTPS_PROXY, as a real org is; with `http_proxy`,
        or without a route, plain HTTP by the provider's option of that name.
        """
        key = self.accounts[account]
        okta = {"OKTA_HTTP_PROXY": self.okta_url}
        if self.route and not http_proxy:
            okta = self.route.variables()
        return okta | {
            "AWS_ENDPOINT_URL": self.aws_url,
            "AWS_ACCESS_KEY_ID": key["accessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["secretAccessKey"],
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            # Nothing of the person's own set-up may lead a client to the real AWS.
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "OKTA_ORG_NAME": "sandbox",
            "OKTA_BASE_URL": "okta.test",
            "OKTA_API_TOKEN": self.okta_token,
            "NO_PROXY": DIRECT,
            "no_proxy": DIRECT,
        }


# What would win over the keys above if the person has it set.
UNWANTED = (
    "AWS_CA_BUNDLE",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ENDPOINT_URL_IAM",
    "AWS_ENDPOINT_URL_STS",
    "OKTA_API_CLIENT_ID",
    "OKTA_API_PRIVATE_KEY",
    "OKTA_API_SCOPES",
    "OKTA_ACCESS_TOKEN",
    "OKTA_HTTP_PROXY",
    "ALL_PROXY",
    "all_proxy",
    "SSL_CERT_DIR",
)


class Server:
    """One cloud's process: `python -m sandbox NAME`, ready once it has printed where it listens."""

    def __init__(self, name: str, options: Sequence[str], log: Path, *, stay: bool) -> None:
        """With `stay` it outlives this process; without, it ends with it, however that ends."""
        command = [sys.executable, "-m", "sandbox", name, "--json", *options]
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                command if stay else [*command, "--until-eof"],
                stdin=subprocess.DEVNULL if stay else subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,  # an interrupt reaches this process first, which stops it
            )
        self.log = log
        self.name = name

    def ready(self) -> dict[str, Any]:
        """The line that it printed when it was ready. Raises SandboxError if it ended instead."""
        if self.process.stdout is None:
            raise AssertionError("the server is started with a pipe")
        line = self.process.stdout.readline()
        try:
            ready: dict[str, Any] = json.loads(line)
        except json.JSONDecodeError:
            self.stop()
            raise SandboxError(
                f"the local {self.name} did not start: see the end of {self.log}"
            ) from None
        return ready

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()


def start(
    accounts: Sequence[str],
    logs: Path,
    servers: list[Server],
    *,
    stay: bool,
    tunnel_others: bool = False,
    switches: Sequence[str] = (),
) -> Clouds:
    """Start both clouds; `servers` is filled on the way, so that a failure can be cleaned up.

    `switches`: `NAME=VALUE` of `sandbox.okta.behavior`, for an org that behaves otherwise.
    """
    options = [option for account in accounts for option in ("--account", account)]
    servers.append(Server("aws", options, logs / "aws.log", stay=stay))
    aws = servers[-1].ready()
    options = ["--aws", aws["url"], "--switch", f"rate_limit_scale={RATE_LIMIT_SCALE}"]
    options += ["--certificates", str(logs.parent / "certificates")]
    options += ["--tunnel-others"] if tunnel_others else []
    options += [option for switch in switches for option in ("--switch", switch)]
    servers.append(Server("okta", options, logs / "okta.log", stay=stay))
    okta = servers[-1].ready()
    return Clouds.of(aws, okta)


@contextmanager
def running(
    accounts: Sequence[str],
    logs: Path,
    *,
    tunnel_others: bool = False,
    switches: Sequence[str] = (),
) -> Iterator[Clouds]:
    """Both clouds for as long as the block runs; the options are those of `start`."""
    servers: list[Server] = []
    try:
        yield start(
            accounts, logs, servers, stay=False, tunnel_others=tunnel_others, switches=switches
        )
    finally:
        stop(servers)


def leave_running(
    accounts: Sequence[str], logs: Path, *, tunnel_others: bool = False
) -> tuple[Clouds, list[int]]:
    """Both clouds, which outlive this process, and their process ids."""
    servers: list[Server] = []
    try:
        clouds = start(accounts, logs, servers, stay=True, tunnel_others=tunnel_others)
    except BaseException:
        stop(servers)
        raise
    return clouds, [server.process.pid for server in servers]


def stop(servers: Sequence[Server]) -> None:
    for server in reversed(servers):
        server.stop()


def still_running(processes: Sequence[tuple[int, float]]) -> list[psutil.Process]:
    """Those of the clouds (process id and start time) that run still.

    A process id alone is given away again, after a reboot above all.
    """
    found = []
    for pid, started in processes:
        try:
            process = psutil.Process(pid)
            alive = process.status() != psutil.STATUS_ZOMBIE
            if alive and abs(process.create_time() - started) < 1:
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def stop_left_running(processes: Sequence[tuple[int, float]]) -> int:
    """Stop what `leave_running` left; returns how many clouds ran still."""
    ours = still_running(processes)
    for process in ours:
        process.terminate()
    _, left = psutil.wait_procs(ours, timeout=STOP_SECONDS)
    if left:
        raise SandboxError(
            f"still running after {STOP_SECONDS} s: processes {[process.pid for process in left]}"
        )
    return len(ours)
