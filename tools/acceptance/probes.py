"""Questions that are asked of a cloud directly, with objects that only the question needs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import boto3
import httpx
from botocore.exceptions import ClientError

from access.verification.okta_org import Org, complaint
from sandbox.errors import SandboxError
from tools.acceptance.answers import Answers
from tools.acceptance.target import Names

LONGEST_WAIT, IN_A_ROW = 180, 3
"""Seconds until a new object has to be seen; reads in a row that see it, before it counts."""
SETTINGS_WITH_DEFAULTS = (
    "appFilter",
    "awsEnvironmentType",
    "groupFilter",
    "joinAllRoles",
    "loginURL",
    "roleValuePattern",
    "sessionDuration",
    "useGroupMapping",
)
"""Those that apps made in the Admin Console were seen to have."""


def until_seen(is_seen: Callable[[], bool]) -> dict[str, Any]:
    """How long a new object stays unseen: `reads_missed` and `seconds`. Raises SandboxError."""
    begun = time.monotonic()
    seen_at, missed_reads, in_a_row = 0.0, 0, 0
    while in_a_row < IN_A_ROW:
        elapsed = time.monotonic() - begun
        if elapsed > LONGEST_WAIT:
            raise SandboxError(f"it was not seen after {LONGEST_WAIT} s, in {missed_reads} reads")
        if is_seen():
            seen_at = seen_at if in_a_row else elapsed
            in_a_row += 1
        else:
            missed_reads, in_a_row = missed_reads + 1, 0
            time.sleep(0.2)
    return {"reads_missed": missed_reads, "seconds": round(seen_at, 1) if missed_reads else 0.0}


def new_role(answers: Answers, names: Names, account: str) -> None:
    """Create an IAM role that nobody can use, and read it until it is seen.

    It is deleted with all that has the prefix.
    """
    iam: Any = boto3.client("iam", region_name="us-east-1")
    role_name = names.of("probe-role")
    statement = {
        "Effect": "Deny",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    def is_seen() -> bool:
        try:
            iam.get_role(RoleName=role_name)
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchEntity":
                raise
            return False
        return True

    with answers.asking("new-role-seen") as answer:
        iam.create_role(RoleName=role_name, AssumeRolePolicyDocument=document)
        wait = until_seen(is_seen)
        answer.decide(wait["reads_missed"] == 0, **wait)


def new_group(answers: Answers, okta: Org, names: Names) -> None:
    """Create an Okta group and read it until it is seen; `priorities` uses it later."""
    with answers.asking("new-group-seen") as answer:
        group_id = create_group(okta, names.of("probe-group"))

        def is_seen() -> bool:
            response = okta.exchange("GET", f"/api/v1/groups/{group_id}")
            if response.status_code == httpx.codes.NOT_FOUND:
                return False
            if response.is_error:
                raise SandboxError(complaint(response))
            return True

        wait = until_seen(is_seen)
        answer.decide(wait["reads_missed"] == 0, **wait)
        okta.send("DELETE", f"/api/v1/groups/{group_id}")


def create_group(okta: Org, name: str) -> str:
    profile = {"name": name, "description": "Of an acceptance run"}
    group_id: str = okta.send("POST", "/api/v1/groups", json={"profile": profile})["id"]
    return group_id


def new_person(answers: Answers, okta: Org, names: Names, password: str) -> None:
    """Create the run's person, and search until they are found, as the Okta provider searches.

    Raises SandboxError if they are not: nothing can be deployed then.
    """
    query = f'profile.login eq "{names.login}"'
    profile = {
        "login": names.login,
        "email": names.login,
        "firstName": "Acceptance",
        "lastName": "Run",
    }
    # Active, with a password; Okta sends them no mail.
    person = {"profile": profile, "credentials": {"password": {"value": password}}}
    with answers.asking("new-person-found") as answer:
        okta.send("POST", "/api/v1/users", params={"activate": "true"}, json=person)
        wait = until_seen(lambda: bool(okta.get("/api/v1/users", search=query)))
        answer.decide(wait["reads_missed"] == 0, **wait)
    if answer.answer is None:
        raise SandboxError(f"the person is not there: {answer.reason}")


def bare_app(answers: Answers, okta: Org, names: Names) -> None:
    """An AWS app without settings: what Okta fills in, and what a key response into it does."""
    body = {"name": "amazon_aws", "label": names.of("probe-app"), "signOnMode": "SAML_2_0"}
    app: dict[str, Any] = {}
    with answers.asking("settings-defaults") as answer:
        app = okta.send(
            "POST",
            "/api/v1/apps",
            params={"activate": "false"},
            json=body | {"settings": {"app": {}}},
        )
        settings = app["settings"]["app"]
        missing = [name for name in SETTINGS_WITH_DEFAULTS if settings.get(name) is None]
        settings_shown = {name: settings.get(name) for name in SETTINGS_WITH_DEFAULTS}
        answer.decide(not missing, missing=missing, settings=settings_shown)
    with answers.asking("key-setting-ignored") as answer:
        if not app:
            raise SandboxError("the app could not be created")
        path = f"/api/v1/apps/{app['id']}"
        # Of the form of a key, and nobody's.
        key_fields = {"accessKey": "AKIAIOSFODNN7EXAMPLE", "secretKey": "EXAMPLEKEY" * 4}
        changed = body | {"settings": {"app": settings | key_fields}}
        response = okta.exchange("PUT", path, json=changed)
        after = okta.get(path)
        stored_fields = [name for name in key_fields if after["settings"]["app"].get(name)]
        answer.decide(
            not stored_fields and not after["features"],
            status=response.status_code,
            stored=stored_fields,
            features=after["features"],
        )
        okta.send("DELETE", path)


def priorities(answers: Answers, okta: Org, names: Names, app_id: str) -> None:
    """Assign a group of its own with priorities that the API reference does not settle.

    The app's priorities may be others afterwards: ask this last.
    """
    group_id = ""
    with answers.asking("priorities-unchanged") as answer:
        group_id = create_group(okta, names.of("probe-priority"))
        path = f"/api/v1/apps/{app_id}/groups"
        before = _priorities(okta, path)
        okta.send("PUT", f"{path}/{group_id}", json={"priority": 40})
        until_seen(lambda: group_id in _priorities(okta, path))
        after = _priorities(okta, path)
        others_after = {name: after.get(name) for name in before}
        answer.decide(
            after.get(group_id) == 40 and others_after == before,
            sent=40,
            answered=after.get(group_id),
            others_before=sorted(before.values()),
            others_after=sorted(value for value in others_after.values() if value is not None),
        )
    with answers.asking("priority-over-100") as answer:
        if not group_id:
            raise SandboxError("the group could not be created")
        response = okta.exchange("PUT", f"{path}/{group_id}", json={"priority": 150})
        facts = {"refusal": complaint(response)} if response.is_error else {}
        answer.decide(not response.is_error, sent=150, **facts)
    if group_id:
        okta.exchange("DELETE", f"{path}/{group_id}")


def unknown_role(answers: Answers, okta: Org, names: Names, app_id: str) -> None:
    """Assign a group of its own with a role that Okta has not imported from AWS."""
    with answers.asking("unknown-role-refused") as answer:
        group_id = create_group(okta, names.of("probe-unknown-role"))
        path = f"/api/v1/apps/{app_id}/groups/{group_id}"
        body = {"profile": {"samlRoles": [names.of("probe-no-such-role")]}}
        response = okta.exchange("PUT", path, json=body)
        facts = {"refusal": complaint(response)} if response.is_error else {}
        answer.decide(response.is_error, **facts)
        okta.exchange("DELETE", path)


def _priorities(okta: Org, path: str) -> dict[str, int]:
    """Group's id -> its priority in the app."""
    return {each["id"]: each["priority"] for each in okta.every(path)}
