"""The provider's arguments, and the variables that stand for those left out."""

import json
import os
from typing import Any

from sandbox.plugins.schema import FLAG, LIST, NUMBER, Input
from sandbox.plugins.values import Values

SECRETS = ("accessToken", "apiToken", "privateKey")

ARGUMENTS = {
    "accessToken": Input(),
    "apiToken": Input(),
    "baseUrl": Input(),
    "clientId": Input(),
    "httpProxy": Input(),
    "maxRetries": Input(shape=NUMBER),
    "maxWaitSeconds": Input(shape=NUMBER),
    "orgName": Input(),
    "privateKey": Input(),
    "privateKeyId": Input(),
    "requestTimeout": Input(shape=NUMBER),
    "scopes": Input(shape=LIST),
    # Under `http_proxy`, which is how a sandbox is reached, these do nothing in the published
    # plugin either: its governor and its paced client are swapped for a plain one.
    "backoff": Input(shape=FLAG),
    "logLevel": Input(shape=NUMBER),
    "maxApiCapacity": Input(shape=NUMBER),
    "minWaitSeconds": Input(shape=NUMBER),
    "parallelism": Input(shape=NUMBER),
}

VARIABLES = {
    "accessToken": "OKTA_ACCESS_TOKEN",
    "apiToken": "OKTA_API_TOKEN",
    "baseUrl": "OKTA_BASE_URL",
    "clientId": "OKTA_API_CLIENT_ID",
    "httpProxy": "OKTA_HTTP_PROXY",
    "orgName": "OKTA_ORG_NAME",
    "privateKey": "OKTA_API_PRIVATE_KEY",
    "privateKeyId": "OKTA_API_PRIVATE_KEY_ID",
    "scopes": "OKTA_API_SCOPES",
}


class Arguments:
    """What the program or the environment gave the provider. All but text comes as JSON."""

    def __init__(self, given: Values) -> None:
        self._given = given

    def text(self, name: str) -> str:
        return str(self._given.get(name) or os.environ.get(VARIABLES[name]) or "")

    def number(self, name: str, default: int) -> int:
        value = self._decoded(name)
        return default if value is None else int(value)

    @property
    def scopes(self) -> list[str]:
        given = self._decoded("scopes")
        return list(given) if given else os.environ.get(VARIABLES["scopes"], "").split(",")

    @property
    def url(self) -> str:
        """The org's address, which `http_proxy` replaces as a whole."""
        name, base = self.text("orgName"), self.text("baseUrl") or "okta.com"
        return self.text("httpProxy") or f"https://{name}.{base}"

    def _decoded(self, name: str) -> Any:
        value = self._given.get(name)
        return json.loads(value) if isinstance(value, str) and value else value
