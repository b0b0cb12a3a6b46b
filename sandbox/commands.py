"""The sandbox that stays: start it, look around with plain `pulumi`, sign in, stop it."""

from typing import Any

import click
from botocore.exceptions import ClientError

from sandbox import bootstrap
from sandbox.accounts import (
    create_deployer_roles,
    read_accounts,
    server_options,
    write_profiles,
)
from sandbox.clouds import Clouds, leave_running, still_running, stop_left_running
from sandbox.demo import administrator
from sandbox.engine import Plugins
from sandbox.errors import SandboxError
from sandbox.person import assume, outcome, role_pairs, saml_response
from sandbox.stack import readable
from sandbox.workspace import HOME, LIVE, exclusive, require_writable

LOCK = HOME / "live.lock"

NEXT = """
Both clouds are running and stack dev is deployed, up to the one step by hand.

  Open       {url}
  Sign in    {admin} / {password}   Okta's administrator
             {person} / {person_password}   a developer

Look around with plain pulumi commands:

  eval "$(.venv/bin/python -m sandbox env)"
  pulumi preview --stack dev
  pulumi preview --stack dev --policy-pack policies

The step by hand: open the app's Provisioning tab as the administrator, and type the key that
`pulumi stack output --stack dev --show-secrets` shows. Or let this do it:

  .venv/bin/python -m sandbox provision

After it, the groups can be assigned, and people can sign in:

  pulumi config set --stack dev --path okta-aws-federation:provisioning.integration done
  pulumi up --stack dev
  .venv/bin/python -m sandbox login {person}

Stop everything:

  .venv/bin/python -m sandbox down
"""


@click.command()
@click.option(
    "--plugins",
    type=click.Choice(["emulated", "published"]),
    default="emulated",
    show_default=True,
    help="Who talks to the clouds. `published` lets Pulumi download the published providers.",
)
def up(plugins: Plugins) -> None:
    """Start both clouds, deploy stack dev, and leave it all running."""
    require_writable()
    busy = "another `sandbox up` or `down` is at work in this clone: wait until it has ended"
    with exclusive(LOCK, busy):
        clouds = _start(plugins)
    values = bootstrap.live_variables("dev")
    stack = bootstrap.stack(LIVE, values)
    stack.run("stack", "select", "dev")
    click.echo(f"pulumi up, stack dev: {readable(stack.up())}")
    person, known = next(iter(clouds.people.items()))
    click.echo(
        NEXT.format(
            url=clouds.okta_url,
            admin=clouds.admin["login"],
            password=clouds.admin["password"],
            person=person,
            person_password=known["password"],
        )
    )


def _start(plugins: Plugins) -> Clouds:
    """Both clouds, left running, with an empty stack for each account."""
    refuse_second_sandbox()
    engine = bootstrap.engine(click.echo, plugins)
    click.echo(engine.summary)
    LIVE.create()
    stacks = read_accounts(LIVE.project)
    # The engine downloads published plugins through the same proxy.
    clouds, pids = leave_running(
        server_options(stacks), LIVE.logs, tunnel_others=plugins == "published"
    )
    passphrase = bootstrap.new_passphrase()
    LIVE.save(clouds, pids, passphrase, engine.plugins)
    for name, accounts in stacks.items():
        write_profiles(clouds, accounts, bootstrap.profiles_file(LIVE, name))
        create_deployer_roles(clouds, accounts)
        bootstrap.stack(LIVE, bootstrap.live_variables(name), name).create()
    return clouds


def refuse_second_sandbox() -> None:
    """Raises SandboxError if a sandbox runs here; one whose clouds have all ended is forgotten."""
    processes = LIVE.processes()
    alive = len(still_running(processes))
    if alive == len(processes) > 0:
        raise SandboxError(
            "a sandbox is running in this clone already: `python -m sandbox down` stops it"
        )
    if alive:
        raise SandboxError(
            f"{alive} of the {len(processes)} clouds of this clone's sandbox run still, the others "
            "have ended: `python -m sandbox down` stops the rest"
        )
    if processes:
        click.echo("the sandbox that was left running here has ended; starting a new one")


def running_clouds() -> Clouds:
    """The clouds of the running sandbox. Raises SandboxError if one of them has ended.

    Warns if a stack file of the clone was edited, since the sandbox works with its copy.
    """
    clouds = LIVE.clouds()
    processes = LIVE.processes()
    if len(still_running(processes)) < len(processes):
        raise SandboxError(
            "the sandbox of this clone has ended (a reboot, or somebody stopped it): "
            "`python -m sandbox down`, then `up`, start a new one"
        )
    for warning in LIVE.edit_warnings():
        click.echo(f"warning: {warning}", err=True)
    return clouds


def outputs(*names: str, secrets: bool = False) -> list[Any]:
    """These outputs of stack dev. Raises SandboxError naming one that the stack has not."""
    stack = bootstrap.stack(LIVE, bootstrap.live_variables("dev"))
    values = stack.outputs(secrets=secrets)
    for name in names:
        if not values.get(name):
            raise SandboxError(
                f"stack dev has no output {name}: deploy it with `pulumi up --stack dev` first"
            )
    return [values[name] for name in names]


@click.command()
@click.option("--stack", "name", default="dev", show_default=True, help="Whose accounts.")
@click.option("--http-proxy", is_flag=True, help="Okta by plain HTTP, without the proxy for HTTPS.")
def env(name: str, http_proxy: bool) -> None:
    """Print the environment of the running sandbox: eval "$(python -m sandbox env)".

    Okta is https://sandbox.okta.test, which HTTPS_PROXY leads to and whose certificate the files of
    SSL_CERT_FILE, REQUESTS_CA_BUNDLE and the like let clients trust.
    """
    running_clouds()
    values = bootstrap.live_variables(name, http_proxy=http_proxy)
    click.echo(bootstrap.as_shell(LIVE, values))


@click.command()
def provision() -> None:
    """Do the Provisioning tab as the administrator: type the key, test and save it."""
    clouds = running_clouds()
    names = ("appId", "provisioningAccessKeyId", "provisioningSecretAccessKey")
    app_id, key_id, secret = outputs(*names, secrets=True)
    click.echo(administrator.enable_provisioning(clouds, app_id, key_id, secret))


@click.command()
def refresh_application_data() -> None:
    """Let Okta download the roles' names again, after a role was added."""
    clouds = running_clouds()
    click.echo(administrator.refresh_application_data(clouds, *outputs("appId")))


@click.command()
@click.argument("person", default="ada@example.com")
@click.option("--push", is_flag=True, help="Set up Okta Verify's push too; its phone approves.")
@click.option("--at-sign-in", is_flag=True, help="Let Okta ask everybody for it at sign-in.")
def factor(person: str, push: bool, at_sign_in: bool) -> None:
    """Print the one-time code of PERSON's second factor; set it up at the first time.

    Command-line clients ask for a factor at sign-in only: `--at-sign-in` makes Okta want it there.
    """
    clouds = running_clouds()
    if person not in clouds.people:
        raise SandboxError(f"nobody is {person} in the sandbox's Okta: {', '.join(clouds.people)}")
    if at_sign_in:
        administrator.ask_factor_at_sign_in(clouds)
    click.echo(administrator.passcode(clouds, person, push=push))


@click.command()
@click.argument("person", default="ada@example.com")
@click.option("--code", help="The one-time code, if the app's sign-on policy asks for one.")
def login(person: str, code: str | None) -> None:
    """Sign in to AWS as PERSON: password, tile, SAML response, session; then try EC2 and S3."""
    clouds = running_clouds()
    (link,) = outputs("signInUrl")
    known = clouds.people.get(person)
    password = known["password"] if known else administrator.choose_password(clouds, person)
    response = saml_response(link, person, password, clouds.route, code=code)
    for role_arn, provider_arn in role_pairs(response):
        try:
            session = assume(response, role_arn, provider_arn, clouds.aws_url)
        except ClientError as error:
            raise SandboxError(f"{role_arn}: {error}") from None
        click.echo(session.caller())
        click.echo(f"  ec2:DescribeInstances  {outcome(session.client('ec2').describe_instances)}")
        click.echo(f"  s3:ListAllMyBuckets    {outcome(session.client('s3').list_buckets)}")


@click.command()
def down() -> None:
    """Stop what `up` left running, and forget it."""
    if not LIVE.state_file.exists():
        click.echo("nothing is running in this clone")
        return
    with exclusive(LOCK, "`sandbox up` is at work in this clone: wait until it has ended"):
        try:
            stopped = stop_left_running(LIVE.processes())
        finally:
            LIVE.state_file.unlink()
    click.echo(f"stopped {stopped} processes")
