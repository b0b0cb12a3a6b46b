"""The sandbox that stays: start it, look around with plain `pulumi`, sign in, stop it."""

import click

from sandbox import bootstrap
from sandbox.clouds import leave_running, stop_left_running
from sandbox.demo import administrator
from sandbox.engine import Plugins
from sandbox.errors import SandboxError
from sandbox.person import assume, outcome, role_pairs, saml_response
from sandbox.stack import readable
from sandbox.workspace import LIVE

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

After it, the groups can be assigned, and people can enter:

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
    help="Who talks to the clouds. `published` lets the engine download what Pulumi publishes.",
)
def up(plugins: Plugins) -> None:
    """Start both clouds, deploy stack dev, and leave it all running."""
    if LIVE.state_file.exists():
        raise SandboxError(
            "a sandbox is running in this clone already: `python -m sandbox down` stops it"
        )
    engine = bootstrap.engine(click.echo, plugins)
    click.echo(engine.summary)
    LIVE.create()
    clouds, pids = leave_running(list(bootstrap.ACCOUNTS.values()), LIVE.logs)
    passphrase = bootstrap.new_passphrase()
    LIVE.save(clouds, pids, passphrase, engine.plugins)
    for name, account in bootstrap.ACCOUNTS.items():
        values = bootstrap.variables(LIVE, engine, clouds, passphrase, account)
        bootstrap.stack(LIVE, values, name).create()
    stack = bootstrap.stack(LIVE, bootstrap.live_variables("dev"))
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


@click.command()
@click.option("--stack", "name", type=click.Choice(list(bootstrap.ACCOUNTS)), default="dev")
def env(name: str) -> None:
    """Print the environment of the running sandbox: eval "$(python -m sandbox env)"."""
    click.echo(bootstrap.as_shell(LIVE, bootstrap.live_variables(name)))


@click.command()
def provision() -> None:
    """Do the Provisioning tab as the administrator: type the key, test and save it."""
    outputs = bootstrap.stack(LIVE, bootstrap.live_variables("dev")).outputs(secrets=True)
    click.echo(
        administrator.enable_provisioning(
            LIVE.clouds(),
            outputs["appId"],
            outputs["provisioningAccessKeyId"],
            outputs["provisioningSecretAccessKey"],
        )
    )


@click.command()
def refresh_application_data() -> None:
    """Let Okta download the roles' names again, after a role was added."""
    outputs = bootstrap.stack(LIVE, bootstrap.live_variables("dev")).outputs()
    click.echo(administrator.refresh_application_data(LIVE.clouds(), outputs["appId"]))


@click.command()
@click.argument("person", default="ada@example.com")
def login(person: str) -> None:
    """Enter AWS as PERSON does: password, tile, SAML response, session; and try EC2 and S3."""
    clouds = LIVE.clouds()
    if person not in clouds.people:
        raise SandboxError(f"nobody is {person} in the sandbox's Okta: {', '.join(clouds.people)}")
    link = bootstrap.stack(LIVE, bootstrap.live_variables("dev")).outputs()["signInUrl"]
    response = saml_response(link, person, clouds.people[person]["password"])
    for role_arn, provider_arn in role_pairs(response):
        session = assume(response, role_arn, provider_arn, clouds.aws_url)
        click.echo(session.caller())
        click.echo(f"  ec2:DescribeInstances  {outcome(session.client('ec2').describe_instances)}")
        click.echo(f"  s3:ListAllMyBuckets    {outcome(session.client('s3').list_buckets)}")


@click.command()
def down() -> None:
    """Stop what `up` left running, and forget it."""
    if not LIVE.state_file.exists():
        click.echo("nothing is running in this clone")
        return
    stopped = stop_left_running(LIVE.load()["pids"])
    LIVE.state_file.unlink()
    click.echo(f"stopped {len(stopped)} processes")
