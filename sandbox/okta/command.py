"""`python -m sandbox okta`: the org alone, until it is stopped."""

import json
from pathlib import Path

import click

from sandbox.errors import SandboxError
from sandbox.okta.behavior import Switches
from sandbox.okta.server import LocalOkta
from sandbox.serving import log_to_stderr, serve_until_stopped


@click.command()
@click.option("--port", default=0, show_default="a free one", help="Where to listen, on loopback.")
@click.option("--aws", "aws_url", metavar="URL", help="The local AWS that keys and roles are of.")
@click.option(
    "--certificates",
    type=click.Path(file_okay=False, path_type=Path),
    help="Serve https://sandbox.okta.test too: the folder for the certificate authority's file.",
)
@click.option("--tunnel-others", is_flag=True, help="Let the proxy connect to other hosts as well.")
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep the org in this file: started with it again, it is the same org.",
)
@click.option("--json", "as_json", is_flag=True, help="Say on one line of JSON what is needed.")
@click.option("--until-eof", is_flag=True, help="Stop when standard input ends.")
@click.option(
    "--switch",
    "switches",
    metavar="NAME=VALUE",
    multiple=True,
    help="Behave otherwise, e.g. pipeline=classic or rate_limit_scale=100; see behavior.py.",
)
def okta(
    port: int,
    aws_url: str | None,
    certificates: Path | None,
    tunnel_others: bool,
    state: Path | None,
    as_json: bool,
    until_eof: bool,
    switches: tuple[str, ...],
) -> None:
    """Serve an Okta org on loopback; without --state all of it is forgotten at the end."""
    log_to_stderr("okta")
    try:
        chosen = Switches().with_texts(switches)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    try:
        local = LocalOkta(
            aws_url,
            switches=chosen,
            port=port,
            certificates=certificates,
            tunnel_others=tunnel_others,
            state=state,
        )
    except SandboxError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"cannot listen on port {port}: {error.strerror}") from None
    text = json.dumps(local.ready()) if as_json else describe(local)
    serve_until_stopped(local, text, until_eof=until_eof)


def describe(local: LocalOkta) -> str:
    accounts = [local.admin, *local.people.values()]
    width = max(len(account.login) for account in accounts)
    lines = [f"A sandbox of Okta listens on {local.url}", "", "Sign in as"]
    lines += [f"  {account.login:{width}}  {account.password}" for account in accounts]
    if local.route:
        lines += ["", f"{local.org.public_url} through {local.route.proxy}"]
        lines += [f"  curl --cacert {local.route.ca_file} --proxy {local.route.proxy}"]
    return "\n".join([*lines, "", f"API token  {local.token}", "", "Ctrl-C ends it."])
