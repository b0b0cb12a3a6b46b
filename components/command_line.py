"""The native app through which okta-aws-cli signs people in.

Source: the README of okta-aws-cli, "OIDC Native Application".
"""

from dataclasses import dataclass

from pulumi import Input, Output, ResourceOptions
from pulumi_okta.app import OAuth

GRANTS = (
    "authorization_code",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:token-exchange",
)


@dataclass(frozen=True, kw_only=True)
class CommandLineApp:
    """A native app, created for okta-aws-cli."""

    label: str = "AWS CLI"
    """The app's name in Okta."""


def command_line_client(
    name: str,
    wanted: CommandLineApp | Input[str] | None,
    policy_id: Input[str] | None,
    child: ResourceOptions,
) -> tuple[Input[str] | None, Output[str] | None]:
    """The client id to allow in, and the id of the app if it was made here.

    The app is a public client: there is no secret that a laptop could lose. It is under the sign-on
    policy of the federation app: Okta refuses to exchange its token for one of an app that asks for
    more (okta-aws-cli, README, "Recommendations").
    """
    if not isinstance(wanted, CommandLineApp):
        return wanted, None
    app = OAuth(
        f"{name}-command-line",
        label=wanted.label,
        type="native",
        grant_types=list(GRANTS),
        response_types=["code"],
        redirect_uris=["http://127.0.0.1/callback"],
        token_endpoint_auth_method="none",  # noqa: S106 - the name of a method, not a password
        pkce_required=True,
        authentication_policy=policy_id,
        # Beside a policy the provider refuses the flag, whatever its value.
        skip_authentication_policy=True if policy_id is None else None,
        opts=child,
    )
    return app.client_id, app.id
