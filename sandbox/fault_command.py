"""`python -m sandbox fault`: play faults on the clouds of the running sandbox."""

import dataclasses
import json
from typing import Any, get_args

import click

from sandbox.errors import SandboxError
from sandbox.fault_control import FaultClient
from sandbox.faults import Effect, Fault
from sandbox.workspace import LIVE

CLOUD = click.Choice(["aws", "okta"])


@click.group()
def fault() -> None:
    """Make the running clouds fail: errors, lost answers, delays, eventual consistency."""


@fault.command()
@click.argument("cloud", type=CLOUD)
@click.argument("operation", default="*")
@click.option("--effect", type=click.Choice(get_args(Effect)), default="error", show_default=True)
@click.option("--times", type=int, default=1, show_default=True, help="0: until it is cleared.")
@click.option("--skip", type=int, help="Let so many matching requests pass first.")
@click.option("--after", is_flag=True, help="Let the request take effect, then lose the answer.")
@click.option("--status", type=int, help="HTTP status of an error.  [default: 500]")
@click.option("--code", help="The cloud's error code, e.g. Throttling or E0000009.")
@click.option("--message", help="The cloud's error message.")
@click.option("--seconds", type=float, help="Of a delay, a hang or a clock skew (may be negative).")
@click.option("--reads", type=int, help="How many reads a lag lasts.")
@click.option("--scale", type=float, help="What multiplies the rate limits.")
@click.option("--body", help="What is answered with status 200 instead.  [default: an HTML page]")
@click.option("--content-type", help="Of the body.")
@click.option("--retry-after", type=int, help="Seconds, in the header Retry-After.")
@click.option("--reset-in", type=int, help="Okta, status 429: seconds until X-Rate-Limit-Reset.")
@click.option("--bare", is_flag=True, help="Okta, status 429: without the rate limit headers.")
def add(cloud: str, operation: str, effect: Effect, times: int, **options: Any) -> None:
    """Queue a fault for the next requests of OPERATION.

    OPERATION is `iam:CreateRole` for AWS and `POST /api/v1/groups` for Okta; `*` is any text.

    \b
    python -m sandbox fault add okta "POST /api/v1/apps" --status 503 --times 2
    python -m sandbox fault add aws iam:CreateRole --status 400 --code Throttling
    python -m sandbox fault add aws iam:CreateAccessKey --effect disconnect --after
    """
    changed = {name: value for name, value in options.items() if value not in (None, False)}
    try:
        queued = Fault(effect=effect, operation=operation, times=times or None, **changed)
    except ValueError as error:
        raise SandboxError(str(error)) from None
    click.echo(f"queued: {describe(cloud, _client(cloud).add(queued))}")


@fault.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_faults(as_json: bool) -> None:
    """List what is queued still."""
    queued = {cloud: _client(cloud).pending() for cloud in LIVE.clouds().control}
    if as_json:
        click.echo(json.dumps(queued, indent=2))
        return
    lines = [describe(cloud, one) for cloud, faults in queued.items() for one in faults]
    click.echo("\n".join(lines) or "no faults are queued")


@fault.command()
@click.argument("cloud", type=CLOUD, required=False)
@click.argument("fault_id", metavar="ID", type=int, required=False)
def clear(cloud: str | None, fault_id: int | None) -> None:
    """Take faults out of the queue: all, those of CLOUD, or the one with this ID."""
    clouds = [cloud] if cloud else list(LIVE.clouds().control)
    cleared = sum(_client(name).clear(fault_id) for name in clouds)
    if fault_id is not None and not cleared:
        raise SandboxError(f"no fault {fault_id} is queued at {cloud}: see `fault list`")
    click.echo(f"cleared {cleared} {'fault' if cleared == 1 else 'faults'}")


def describe(cloud: str, queued: dict[str, Any]) -> str:
    """One line: `okta 3  error  POST /api/v1/apps  status=503 times=2`."""
    defaults = {field.name: field.default for field in dataclasses.fields(Fault)}
    shown = [
        f"{name}={'every' if name == 'times' and value is None else value}"
        for name, value in queued.items()
        if name not in ("id", "effect", "operation") and value != defaults[name]
    ]
    return "  ".join([f"{cloud} {queued['id']}", queued["effect"], queued["operation"], *shown])


def _client(cloud: str) -> FaultClient:
    control = LIVE.clouds().control
    if cloud not in control:
        raise SandboxError(f"the local {cloud} has no control endpoint")
    return FaultClient(control[cloud])
