"""The provider's arguments, and the variables that stand for those left out."""

import json
import os
from typing import Any

from sandbox.plugins.okta import published
from sandbox.plugins.schema import Values
from sandbox.plugins.validation import between

SECRETS = ("accessToken", "apiToken", "privateKey")

# `backoff: false` counts as left out, so backing off is always on.
ARGUMENTS = published.table(
    published.provider_arguments(),
    refused=(),
    changes={
        "logLevel": {"valid": (between(1, 5),)},
        "maxApiCapacity": {"valid": (between(1, 100),)},
        "maxRetries": {"valid": (between(0, 100),)},
        "requestTimeout": {"valid": (between(0, 300),)},
    },
)

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

    def __init__(self, values: Values) -> None:
        self._values = values

    def text(self, name: str) -> str:
        return str(self._values.get(name) or os.environ.get(VARIABLES[name]) or "")

    def number(self, name: str, default: int) -> int:
        """0 is the same as nothing: the provider can't tell them apart (`GetOk`)."""
        return int(self._decoded(name) or default)

    @property
    def scopes(self) -> list[str]:
        scopes = self._decoded("scopes")
        return list(scopes) if scopes else os.environ.get(VARIABLES["scopes"], "").split(",")

    @property
    def url(self) -> str:
        """The org's address, which `http_proxy` replaces as a whole."""
        name, base = self.text("orgName"), self.text("baseUrl") or "okta.com"
        return self.text("httpProxy") or f"https://{name}.{base}"

    def _decoded(self, name: str) -> Any:
        value = self._values.get(name)
        return json.loads(value) if isinstance(value, str) and value else value
