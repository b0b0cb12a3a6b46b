"""`python -m tools.acceptance`: what a real Okta org and AWS account answer, as a JSON file."""

from __future__ import annotations

import platform
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

import click

from access.verification.okta_org import Org
from sandbox import bootstrap
from sandbox.engine import SDKS, Engine, Plugins
from sandbox.errors import SandboxError
from sandbox.okta.behavior import Switches
from sandbox.workspace import HOME
from settings import SettingsError
from tools.acceptance import bench
from tools.acceptance.answers import FORMAT, report_text
from tools.acceptance.okta import RateLimits
from tools.acceptance.run import Run
from tools.acceptance.take_down import sweep
from tools.acceptance.target import PREFIX, Names, Target

OK, DIFFERS, REFUSED, LEFT_BEHIND, INTERRUPTED = 0, 1, 2, 3, 130


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--sandbox", "in_sandbox", is_flag=True, help="Ask the emulated clouds instead.")
@click.option(
    "--already-done",
    is_flag=True,
    help="Do not stop for the step by hand; undone, its questions stay open.",
)
@click.option(
    "--plugins",
    type=click.Choice(["emulated", "published"]),
    help="Who talks to the clouds.  [default: published; with --sandbox emulated]",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the JSON file goes.  [default: .sandbox/PREFIX.json]",
)
@click.option("--take-down", metavar="PREFIX", help="Only delete what a killed run left.")
@click.option(
    "--switch",
    "switches",
    metavar="NAME=VALUE",
    multiple=True,
    help="With --sandbox: Okta behaves otherwise; see sandbox/okta/behavior.py.",
)
@click.option(
    "--lag", default=0, help="With --sandbox: reads that miss a new IAM role, person and group."
)
def acceptance(
    in_sandbox: bool,
    already_done: bool,
    plugins: Plugins | None,
    output: Path | None,
    take_down: str | None,
    switches: tuple[str, ...],
    lag: int,
) -> int:
    """Deploy, sign in and take down on your own Okta org and AWS account; write down the answers.

    ACCEPTANCE_TARGET=123456789012@acme.okta.com names the account and the org that may be touched;
    credentials come from the variables of AWS and of the Okta provider. Every name begins with a
    prefix of the run's own, and everything is taken down at the end, also after an interrupt.

    Exit code 0: every answer is the one that the program assumes, or stayed open; 1: an answer
    differs, or the run ended early; 2: refused before anything was made; 3: something could not be
    taken down; 130: interrupted, and taken down.
    """
    if not in_sandbox and (switches or lag):
        raise SandboxError("--switch and --lag change the emulated clouds: add --sandbox")
    if take_down is not None:
        return delete_leftovers(take_down)
    if output is not None and not output.parent.is_dir():
        raise SandboxError(f"--output {output}: there is no folder {output.parent}")
    if in_sandbox:
        refuse_unknown(switches)
    else:
        require_real_clouds(already_done)
    HOME.mkdir(exist_ok=True)
    engine = bootstrap.engine(click.echo, plugins or ("emulated" if in_sandbox else "published"))
    click.echo(engine.summary)
    return play(engine, in_sandbox, already_done, output, switches, lag)


def play(
    engine: Engine,
    in_sandbox: bool,
    already_done: bool,
    output: Path | None,
    switches: Sequence[str],
    lag: int,
) -> int:
    """A run from its folder to its file; the options are those of the command."""
    names, passphrase, begun = Names.new(), bootstrap.new_passphrase(), time.monotonic()
    limits = RateLimits()
    with ExitStack() as resources:
        workspace = resources.enter_context(bench.folder(names))
        if in_sandbox:
            values, step_by_hand = resources.enter_context(
                bench.sandbox_clouds(workspace, engine, passphrase, switches, lag)
            )
        else:
            values = bench.real_variables(workspace, engine, passphrase)
            step_by_hand = partial(bench.by_hand, already_done)
        target = Target.of_environment()
        click.echo(f"Account {target.account}, org {target.org}; every name begins {names.prefix}")
        stack = bench.stack(workspace, names, target, values)
        run = Run(target, names, Org(limits.record), stack, step_by_hand)
        run.play()
        report = about(run, engine, begun) | {"sandbox": in_sandbox, "switches": switches}
        bench.close(workspace, run, passphrase)
        file = output or HOME / f"{names.prefix}.json"
        hidden = dict.fromkeys([run.password, passphrase, *run.hidden], "SECRET")
        hidden |= {target.account: "ACCOUNT", target.org: "ORG"}
        file.write_text(report_text(report | {"rate_limits": limits.as_json()}, hidden))
    return summarize(run, file)


def about(run: Run, engine: Engine, begun: float) -> dict[str, Any]:
    """When, with what, how long, and what was answered."""
    try:  # `idx`: Identity Engine; `v1`: the classic engine
        pipeline = run.okta.get("/.well-known/okta-organization").get("pipeline")
    except SettingsError:
        pipeline = None
    return {
        "format": FORMAT,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - begun),
        "versions": {
            "pulumi": engine.version,
            **{name.replace("_", "-"): metadata.version(name) for name in SDKS},
            "plugins": engine.plugins,
            "python": platform.python_version(),
        },
        "okta_pipeline": pipeline,
        "prefix": run.names.prefix,
        "failure": run.failure,
        "answers": run.answers.as_json(),
        "left_behind": run.left_behind,
    }


def summarize(run: Run, file: Path) -> int:
    """Print how it ended; returns the exit code."""
    number, differing, unasked = len(run.answers.by_id), run.answers.differing, run.answers.open
    click.echo(f"{number - len(differing) - len(unasked)} of {number} answers as assumed")
    if differing:
        click.echo(f"answered no: {', '.join(differing)}")
    if unasked:
        click.echo(f"not asked: {', '.join(unasked)}")
    click.echo(f"wrote {file}; account, org and secrets are not in it")
    for each in run.left_behind:
        click.echo(f"not taken down: {each}", err=True)
    if run.left_behind:
        again = f"python -m tools.acceptance --take-down {run.names.prefix}"
        click.echo(f"error: delete it by hand, or try `{again}`", err=True)
        return LEFT_BEHIND
    if run.failure == "interrupted":
        return INTERRUPTED
    return DIFFERS if differing or run.failure else OK


def delete_leftovers(prefix: str) -> int:
    """`--take-down`. Raises SandboxError for what is not the prefix of a run."""
    if not PREFIX.fullmatch(prefix):
        raise SandboxError(
            f"--take-down {prefix!r} is not the prefix of a run: write oaf-acceptance-1a2b3c4d"
        )
    Target.of_environment().require_credentials()
    left_behind = sweep(Org(), prefix)
    for each in left_behind:
        click.echo(f"not taken down: {each}", err=True)
    click.echo(f"{len(left_behind)} left of {prefix}")
    for folder in HOME.glob(f"{prefix}-*/") if not left_behind else ():
        shutil.rmtree(folder, ignore_errors=True)
    return LEFT_BEHIND if left_behind else OK


def require_real_clouds(already_done: bool) -> None:
    """Raises SandboxError, SettingsError without credentials, or without a person at the input."""
    Target.of_environment().require_credentials()
    Org()
    if not (already_done or sys.stdin.isatty()):
        raise SandboxError(
            "the run stops for a step by hand, and nobody is at the input: run it in a terminal, "
            "or add --already-done"
        )


def refuse_unknown(switches: tuple[str, ...]) -> None:
    """Raises SandboxError for a switch that the emulated Okta does not have."""
    try:
        Switches().with_texts(switches)
    except ValueError as error:
        raise SandboxError(str(error)) from None


def main() -> int:
    # A termination ends a run in order, as an interrupt does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        code = acceptance(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (SandboxError, SettingsError) as error:
        click.echo(f"error: {error}", err=True)
        return REFUSED
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    return int(code or OK)


if __name__ == "__main__":
    sys.exit(main())
