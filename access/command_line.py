"""How the commands of `python -m access` and `python -m access.estate` end, and their tables."""

import json
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from settings import SettingsError
from settings.errors import disk_error

OK, FAILED, USAGE_ERROR, INTERRUPTED = 0, 1, 2, 130


def run(commands: click.Group, interrupted: str) -> NoReturn:
    """Run a command. What is refused is one line each, or one JSON document, and exit code 2.

    An interrupt, or a termination, prints `interrupted` and is exit code 130.
    """
    as_json = "--json" in sys.argv[1:]
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(commands(standalone_mode=False) or OK)
    except SettingsError as error:
        refuse(str(error), [each._asdict() for each in error.errors], as_json=as_json)
    except OSError as error:
        refuse(disk_error(error), [], as_json=False)  # where a document may not fit either
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.ClickException as error:
        if as_json:
            refuse(error.format_message(), [], as_json=True)
        error.show()
        sys.exit(USAGE_ERROR)
    except (click.Abort, KeyboardInterrupt):
        for number in (signal.SIGINT, signal.SIGTERM):  # one more must not change the exit code
            signal.signal(number, signal.SIG_IGN)
        click.echo(interrupted, err=True)
        sys.exit(INTERRUPTED)


def refuse(message: str, errors: list[dict[str, object]], *, as_json: bool) -> NoReturn:
    """Say why nothing is answered: `{"refused": message, "errors": [{key, rule, fix, ...}]}`."""
    if as_json:
        click.echo(json.dumps({"refused": message, "errors": errors}, indent=2, default=str))
    else:
        click.echo(message, err=True)
    sys.exit(USAGE_ERROR)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows in columns, the head dimmed on a terminal; a row may end early."""
    widths = [max(len(row[n]) for row in (head, *rows) if n < len(row)) for n in range(len(head))]
    first, *others = (
        "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=False)).rstrip()
        for row in (head, *rows)
    )
    return "\n".join([click.style(first, dim=True), *others])
