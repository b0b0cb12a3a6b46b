"""`python -m sandbox aws`: the local AWS alone, until it is stopped."""

import json
import logging
import re
from collections.abc import Mapping
from pathlib import Path

import click

from sandbox.aws.server import LocalAws
from sandbox.aws.sign_in import BY_NAME
from sandbox.aws.state import UnusableState
from sandbox.serving import log_to_stderr, serve_until_stopped


@click.command()
@click.option("--port", default=0, show_default="a free one", help="Where to listen, on loopback.")
@click.option(
    "--account",
    "accounts",
    metavar="ID[=PARTITION]",
    multiple=True,
    default=["123456789012"],
    show_default=True,
    callback=lambda _context, _parameter, values: _by_partition(values),
    help="An account to have, of partition aws if none is named; repeat it for several.",
)
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file that the state is read from at the start, and written to after each change.",
)
@click.option("--json", "as_json", is_flag=True, help="Say on one line of JSON what is needed.")
@click.option("--until-eof", is_flag=True, help="Stop when standard input ends.")
def aws(
    port: int, accounts: Mapping[str, str], state: Path | None, as_json: bool, until_eof: bool
) -> None:
    """Serve a strict AWS on loopback; without --state all of it is forgotten at the end."""
    log_to_stderr("aws")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    try:
        local = LocalAws(accounts, port=port, state=state)
    except UnusableState as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"cannot listen on port {port}: {error.strerror}") from None
    announcement = json.dumps(local.ready()) if as_json else format_ready(local)
    serve_until_stopped(local, announcement, until_eof=until_eof)


def format_ready(local: LocalAws) -> str:
    """The same for a person: address and keys."""
    lines = [f"A sandbox of AWS listens on {local.url}"]
    for account, key in local.administrators.items():
        lines += ["", f"Account {account}, as its administrator"]
        lines += [f"  AWS_ACCESS_KEY_ID={key.access_key_id}"]
        lines += [f"  AWS_SECRET_ACCESS_KEY={key.secret_access_key}"]
    return "\n".join([*lines, "", "Ctrl-C ends it."])


def _by_partition(values: tuple[str, ...]) -> dict[str, str]:
    accounts = {}
    for value in values:
        account, _, partition = value.partition("=")
        if re.fullmatch(r"[0-9]{12}", account) is None:
            raise click.BadParameter(f"{account!r} is not an account: twelve digits")
        if partition and partition not in BY_NAME:
            raise click.BadParameter(f"{partition!r} is none of {', '.join(BY_NAME)}")
        accounts[account] = partition or "aws"
    return accounts
