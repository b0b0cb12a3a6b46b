"""Tags: a program's own, and those that the provider adds to everything (`default_tags`)."""

from typing import Any

from sandbox.plugins.aws.account import Account, tag_list
from sandbox.plugins.aws.service import Service
from sandbox.plugins.schema import MAP, Input, Values
from sandbox.plugins.values import UNKNOWN

TAGS = {"tags": Input(value_type=MAP), "tagsAll": Input(value_type=MAP)}
"""The rows of a type that can be tagged; the plugin fills in `tagsAll`."""


def with_defaults(account: Account, inputs: Values) -> Values:
    """The input `tagsAll`: the tags that the cloud is to have."""
    tags = inputs.get("tags", {})
    return {"tagsAll": UNKNOWN if tags == UNKNOWN else account.default_tags | tags}


def with_defaults_and_region(account: Account, inputs: Values) -> Values:
    """The same of a type that is made in a region: the provider's, unless the program has one."""
    return with_defaults(account, inputs) | {"region": inputs.get("region", account.region)}


def tags_argument(inputs: Values) -> dict[str, Any]:
    """The argument of a call that creates; AWS takes no empty list everywhere, so none is sent."""
    tags = inputs.get("tagsAll")
    return {"Tags": tag_list(tags)} if tags else {}


def tag_outputs(account: Account, tags: list[dict[str, str]] | None, state: Values) -> Values:
    """The outputs: what the program gave itself, and all."""
    everything = {tag["Key"]: tag["Value"] for tag in tags or []}
    own = state.get("tags") or {}
    return {
        "tags": {
            key: value
            for key, value in everything.items()
            if key in own or account.default_tags.get(key) != value
        },
        "tagsAll": everything,
    }


def update_tags(
    service: Service, tag: str, untag: str, state: Values, inputs: Values, **thing: str
) -> None:
    """Bring a thing's tags from the state to the inputs, with its two operations for that."""
    old, new = state.get("tagsAll", {}), inputs.get("tagsAll", {})
    if gone := sorted(old.keys() - new.keys()):
        service(untag, TagKeys=gone, **thing)
    if fresh := {key: value for key, value in new.items() if old.get(key) != value}:
        service(tag, Tags=tag_list(fresh), **thing)
