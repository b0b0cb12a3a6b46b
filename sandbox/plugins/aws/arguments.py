"""The provider's arguments: which there are, which the emulator honours, and their values."""

import json
import os
from typing import Any

from sandbox.plugins.schema import FLAG, LIST, MAP, NUMBER, Input
from sandbox.plugins.values import Values

SECRETS = ("accessKey", "secretKey", "token")

REFUSED = Input(supported=False)
ARGUMENTS = {
    "accessKey": Input(),
    "allowedAccountIds": Input(value_type=LIST),
    "assumeRoleWithWebIdentity": REFUSED,
    "assumeRoles": Input(value_type=LIST),
    "customCaBundle": REFUSED,
    "defaultTags": Input(value_type=MAP),
    "ec2MetadataServiceEndpoint": REFUSED,
    "ec2MetadataServiceEndpointMode": REFUSED,
    "endpoints": Input(value_type=LIST),
    "forbiddenAccountIds": Input(value_type=LIST),
    "httpProxy": REFUSED,
    "httpsProxy": REFUSED,
    "ignoreTags": REFUSED,
    "insecure": REFUSED,
    "maxRetries": Input(value_type=NUMBER),
    "noProxy": REFUSED,
    "profile": Input(),
    "region": Input(),
    "retryMode": REFUSED,
    "s3UsEast1RegionalEndpoint": REFUSED,
    "s3UsePathStyle": REFUSED,
    "secretKey": Input(),
    "sharedConfigFiles": REFUSED,
    "sharedCredentialsFiles": REFUSED,
    "skipCredentialsValidation": Input(value_type=FLAG),
    # Nothing here asks the metadata service or checks a region's name, so skipping that is done.
    "skipMetadataApiCheck": Input(value_type=FLAG),
    "skipRegionValidation": Input(value_type=FLAG),
    "skipRequestingAccountId": Input(value_type=FLAG),
    "stsRegion": Input(),
    "tagPolicyCompliance": REFUSED,
    "token": Input(),
    "tokenBucketRateLimiterCapacity": REFUSED,
    "useDualstackEndpoint": REFUSED,
    "useFipsEndpoint": REFUSED,
    "userAgents": REFUSED,
}


class Arguments:
    """What the program gave the provider. All but text comes as JSON."""

    def __init__(self, arguments: Values) -> None:
        self._arguments = arguments

    def text(self, name: str) -> str | None:
        value = self._arguments.get(name)
        return str(value) if value else None

    def flag(self, name: str) -> bool:
        return bool(self._decoded(name))

    def number(self, name: str) -> int | None:
        value = self._decoded(name)
        return None if value is None else int(value)

    def items(self, name: str) -> list[Any]:
        return list(self._decoded(name) or [])

    @property
    def default_tags(self) -> dict[str, str]:
        tags = self._decoded("defaultTags") or {}
        return dict(tags.get("tags") or {})

    @property
    def region(self) -> str | None:
        """As the published plugin looks for it; boto3 alone would not read AWS_REGION."""
        variables = (os.environ.get(name) for name in ("AWS_REGION", "AWS_DEFAULT_REGION"))
        return self.text("region") or next(filter(None, variables), None)

    def _decoded(self, name: str) -> Any:
        value = self._arguments.get(name)
        return json.loads(value) if isinstance(value, str) and value else value


def field(block: Values, name: str) -> Any:
    """A field of a nested block: `roleArn` from typed arguments, `role_arn` from a plain dict."""
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    value = block.get(name)
    return block.get(snake) if value is None else value
