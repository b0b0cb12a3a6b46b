"""What a plugin's calls can end in, besides success."""

from collections.abc import Mapping
from typing import Any


class CloudError(Exception):
    """What the cloud said, in one line for the user."""


class NilState(CloudError):
    """A creation's answer had no id: the bridge has nothing to remember, whatever was made."""


class PartlyCreated(CloudError):
    """It exists, but could not be finished: the engine has to remember it, or it is made twice."""

    def __init__(self, identifier: str, outputs: Mapping[str, Any], reason: str) -> None:
        super().__init__(reason)
        self.identifier, self.outputs = identifier, dict(outputs)
