"""Everything of a run, found by its prefix and deleted, whatever the engine's state says."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

import boto3
import httpx

from access.recovery.apps import delete_app
from access.verification.okta_org import Org, complaint
from sandbox.errors import SandboxError
from tools.acceptance.answers import FAILURES, one_line
from tools.acceptance.target import Names

LOOKS, PAUSE = 5, 3
"""A listing may show for a while what was deleted."""


@dataclass(frozen=True)
class Leftover:
    """Something whose name begins with the prefix."""

    name: str
    """Its kind and name: `iam role oaf-acceptance-1a2b3c4d-role`."""
    delete: Callable[[], object]


def sweep(okta: Org, prefix: str) -> list[str]:
    """Delete all that has the prefix; returns what is still there, with the reason."""
    reasons: dict[str, str] = {}
    for look in range(LOOKS):
        if look:
            time.sleep(PAUSE)
        remaining, unreadable = [], []
        for cloud, find in FINDERS.items():
            try:
                remaining += list(find(okta, prefix))
            except FAILURES as error:
                unreadable.append(f"what is in {cloud}: {one_line(error)}")
        if not remaining:
            return unreadable
        for leftover in remaining:
            try:
                leftover.delete()
                reasons[leftover.name] = "deleted, and listed still"
            except FAILURES as error:
                reasons[leftover.name] = one_line(error)
    return [f"{each.name}: {reasons[each.name]}" for each in remaining] + unreadable


def find_in_okta(okta: Org, prefix: str) -> Iterator[Leftover]:
    """Apps, groups and the person. Raises SandboxError, SettingsError."""
    for app in okta.every("/api/v1/apps", q=prefix):
        if app["label"].startswith(prefix):
            yield Leftover(f"Okta app {app['label']}", partial(delete_app, okta, app["id"]))
    for group in okta.every("/api/v1/groups", q=prefix):
        if group["profile"]["name"].startswith(prefix):
            path = f"/api/v1/groups/{group['id']}"
            yield Leftover(
                f"Okta group {group['profile']['name']}", partial(okta.send, "DELETE", path)
            )
    login = Names(prefix).login
    path = f"/api/v1/users/{quote(login, safe='')}"
    answer = okta.exchange("GET", path)
    if answer.status_code != httpx.codes.NOT_FOUND:
        if answer.is_error:
            raise SandboxError(f"Okta refused GET {path}: {complaint(answer)}")
        yield Leftover(f"Okta person {login}", partial(_delete_person, okta, answer.json()["id"]))


def _delete_person(okta: Org, user_id: str) -> None:
    """The first call deactivates, the second deletes."""
    okta.send("DELETE", f"/api/v1/users/{user_id}")
    okta.send("DELETE", f"/api/v1/users/{user_id}")


def find_in_aws(okta: Org, prefix: str) -> Iterator[Leftover]:
    """What IAM has of the prefix. Raises ClientError, BotoCoreError."""
    iam: Any = boto3.client("iam", region_name="us-east-1")

    def every(operation: str, **options: str) -> Iterator[Any]:
        yield from iam.get_paginator(operation).paginate(**options)

    for kind in ("role", "user", "group"):
        for page in every(f"list_{kind}s"):
            for principal in page[f"{kind.capitalize()}s"]:
                name = principal[f"{kind.capitalize()}Name"]
                if name.startswith(prefix):
                    delete = partial(_delete_principal, iam, kind, name)
                    yield Leftover(f"IAM {kind} {name}", delete)
    for page in every("list_policies", Scope="Local"):
        for policy in page["Policies"]:
            if policy["PolicyName"].startswith(prefix):
                delete = partial(iam.delete_policy, PolicyArn=policy["Arn"])
                yield Leftover(f"IAM policy {policy['PolicyName']}", delete)
    for provider in iam.list_saml_providers()["SAMLProviderList"]:
        name = provider["Arn"].rpartition("/")[2]
        if name.startswith(prefix):
            delete = partial(iam.delete_saml_provider, SAMLProviderArn=provider["Arn"])
            yield Leftover(f"SAML provider {name}", delete)


def _delete_principal(iam: Any, kind: str, name: str) -> None:
    """A role, user or group, with what AWS wants gone before. Raises ClientError."""
    who = {f"{kind.capitalize()}Name": name}
    for policy in getattr(iam, f"list_attached_{kind}_policies")(**who)["AttachedPolicies"]:
        getattr(iam, f"detach_{kind}_policy")(**who, PolicyArn=policy["PolicyArn"])
    for policy_name in getattr(iam, f"list_{kind}_policies")(**who)["PolicyNames"]:
        getattr(iam, f"delete_{kind}_policy")(**who, PolicyName=policy_name)
    if kind == "user":
        for key in iam.list_access_keys(**who)["AccessKeyMetadata"]:
            iam.delete_access_key(**who, AccessKeyId=key["AccessKeyId"])
        for group in iam.list_groups_for_user(**who)["Groups"]:
            iam.remove_user_from_group(**who, GroupName=group["GroupName"])
    if kind == "group":
        for user in iam.get_group(**who)["Users"]:
            iam.remove_user_from_group(**who, UserName=user["UserName"])
    getattr(iam, f"delete_{kind}")(**who)


FINDERS = {"Okta": find_in_okta, "AWS": find_in_aws}
