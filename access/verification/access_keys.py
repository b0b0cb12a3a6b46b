"""The provisioning user's access keys: which were used, and whether one that goes is in use.

Needs `iam:ListAccessKeys` and `iam:GetAccessKeyLastUsed`. Source: IAM API Reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from access.findings.finding import Finding, error
from access.verification.drift import Drift
from okta_aws_federation.resource_names import child_name
from settings import Settings, SettingsError

RULE = "key-in-use"
RESOURCE_TYPE = "aws:iam/accessKey:AccessKey"
COMPONENT = "provisioning"
"""The component's name in the program."""


@dataclass(frozen=True)
class AccessKey:
    """A key of an IAM user."""

    user: str
    id: str
    active: bool
    created: datetime
    last_used: datetime | None
    """None if it never was, as far as AWS knows: a use shows a little later."""


def read(iam: Any, user: str) -> list[AccessKey]:
    """The user's keys, the oldest first; none if there is no such user. Raises ClientError."""
    try:
        keys = iam.list_access_keys(UserName=user)["AccessKeyMetadata"]
    except iam.exceptions.NoSuchEntityException:
        return []
    result = [
        AccessKey(
            user=user,
            id=key["AccessKeyId"],
            active=key["Status"] == "Active",
            created=key["CreateDate"],
            last_used=iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])[
                "AccessKeyLastUsed"
            ].get("LastUsedDate"),
        )
        for key in keys
    ]
    return sorted(result, key=lambda key: key.created)


def in_state(deployment: Mapping[str, Any]) -> dict[str, str]:
    """Name of each access key of a state -> its id."""
    return {
        each["urn"].rpartition("::")[2]: each["id"]
        for each in deployment.get("resources") or ()
        if each["type"] == RESOURCE_TYPE and each.get("id") and not each.get("delete")
    }


def findings(stack: Settings, ids: Mapping[str, str], iam: Any) -> Iterator[Finding]:
    """A key that an update deletes though it was used after the one that Okta should have.

    `ids`: of `in_state`; `iam`: a client in the user's account. Raises SettingsError.
    """
    section = stack.provisioning
    names = [child_name(COMPONENT, generation, "-key-") for generation in section.keys]
    going = {identifier for name, identifier in ids.items() if name not in names}
    if not going or stack.uses_group_mapping:
        return
    try:
        keys = read(iam, section.user)
    except (BotoCoreError, ClientError) as error:
        raise SettingsError(f"the keys of {section.user} can't be read: {error}") from None
    newest = next((key for key in keys if key.id == ids.get(names[-1])), None)
    used = newest.last_used if newest else None
    for key in keys:
        if key.id in going and key.last_used and (used is None or used < key.last_used):
            yield _finding(section.keys, key, used)


def _finding(generations: Sequence[str], key: AccessKey, used: datetime | None) -> Finding:
    newest = generations[-1]
    later = f"and {newest} not since" if used else f"and {newest} never"
    return error(
        RULE,
        "provisioning.keys",
        ", ".join(generations),
        f"the update deletes {key.id}, which was used {key.last_used:%Y-%m-%d %H:%M} UTC, {later}",
        f"deploy both keys, type {newest} into Okta, and refresh the application data first",
    )


def unused(stack: Settings, keys: Sequence[AccessKey]) -> Iterator[Drift]:
    """The newest key, which Okta should have, was never used. A foreign one is another finding."""
    section = stack.provisioning
    if len(keys) == len(section.keys) and keys[-1].last_used is None:
        where = f"user {section.user} in {stack.account.id}"
        fix = (
            "type the stack's outputs provisioningAccessKeyId and provisioningSecretAccessKey into "
            "Okta's Provisioning tab and refresh the application data; AWS shows a use minutes "
            "later"
        )
        yield Drift("AWS", where, f"access key {keys[-1].id}", "used by Okta", "never used", fix)
