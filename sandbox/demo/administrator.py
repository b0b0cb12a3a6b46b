"""What an administrator does by hand in Okta, where no API does it, and sees in both clouds."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import httpx

from sandbox.accounts import client
from sandbox.browser import Browser, Page
from sandbox.clouds import Clouds
from sandbox.errors import SandboxError
from sandbox.okta import passwords


def enable_provisioning(clouds: Clouds, app_id: str, key_id: str, secret: str) -> str:
    """The Provisioning tab: the key typed, tested and saved, then both boxes of "To App" ticked.

    Answers with the page's last notice.
    """
    key = {"access_key": key_id, "secret_key": secret}
    with Browser() as browser:
        page = provisioning_tab(browser, clouds, app_id)
        page = browser.submit(page, page.form_with("access_key"), key | {"action": "test"})
        page = browser.submit(page, page.form_with("access_key"), key | {"action": "save"})
        ticked = {"create_users": "on", "update_attributes": "on"}
        page = browser.submit(page, page.form_with("create_users"), ticked)
        return notice_text(page)


def refresh_application_data(clouds: Clouds, app_id: str) -> str:
    """ "More > Refresh Application Data": Okta downloads the roles' names again."""
    with Browser() as browser:
        page = provisioning_tab(browser, clouds, app_id)
        return notice_text(browser.submit(page, page.form_with("refresh"), {}))


def passcode(clouds: Clouds, login: str, *, push: bool = False) -> str:
    """The one-time code of this person's second factor, which is set up if there is none.

    With `push` Okta Verify is set up beside it; its phone approves whatever it is asked.
    """
    with okta(clouds) as client:
        answer = client.post("/sandbox/factors", json={"login": login, "push": push})
        return str(answer.raise_for_status().json()["passCode"])


def ask_factor_at_sign_in(clouds: Clouds) -> None:
    """From now on Okta asks for the factor when a person signs in, as a global session policy."""
    with okta(clouds) as client:
        client.patch("/sandbox/switches", json={"factor_at_sign_in": True}).raise_for_status()


def choose_password(clouds: Clouds, login: str) -> str:
    """What somebody new does by the link in Okta's mail, which goes nowhere here: a password for
    a person whom a stack created. Raises SandboxError if nobody has that login."""
    password = passwords.generate()
    one = f"/api/v1/users/{quote(login)}"
    with okta(clouds) as client:
        answer = client.post(one, json={"credentials": {"password": {"value": password}}})
        if answer.status_code == httpx.codes.NOT_FOUND:
            known = ", ".join(clouds.people)
            raise SandboxError(
                f"nobody is {login} in the sandbox's Okta, which begins with {known}: add them "
                "to `people` in the stack file, and deploy"
            )
        if answer.raise_for_status().json()["status"] != "ACTIVE":
            client.post(f"{one}/lifecycle/reactivate").raise_for_status()
    return password


def provisioning_tab(browser: Browser, clouds: Clouds, app_id: str) -> Page:
    page = browser.open(f"{clouds.okta_url}/admin/app/amazon_aws/instance/{app_id}/provisioning")
    return browser.submit(
        page,
        page.form_with("password"),
        {"username": clouds.admin["login"], "password": clouds.admin["password"]},
    )


def notice_text(page: Page) -> str:
    """The page's answer to what was sent."""
    result = page.document.xpath("//*[@role='status' or @role='alert']")
    return " ".join(" ".join(element.text_content().split()) for element in result)


def features(clouds: Clouds, app_id: str) -> list[str]:
    """The app's features: `PUSH_NEW_USERS` is among them once the tab is done."""
    with okta(clouds) as client:
        answer = client.get(f"/api/v1/apps/{app_id}").raise_for_status()
    result: list[str] = answer.json()["features"]
    return result


@contextmanager
def okta(clouds: Clouds) -> Iterator[httpx.Client]:
    """Okta's API, and the sandbox's own, with the token. Inside, failures are SandboxErrors."""
    headers = {"Authorization": f"SSWS {clouds.okta_token}"}
    try:
        with httpx.Client(base_url=clouds.okta_url, headers=headers, trust_env=False) as client:
            yield client
    except httpx.HTTPError as error:
        raise SandboxError(f"the sandbox's Okta does not answer: {error}") from None


def inventory(clouds: Clouds, account: str) -> set[str]:
    """Everything in both clouds of the kinds that the program creates."""
    return aws_inventory(clouds, account) | okta_inventory(clouds)


def aws_inventory(clouds: Clouds, account: str) -> set[str]:
    iam = client(clouds, "iam", account)

    def every(operation: str, field: str) -> list[dict[str, Any]]:
        pages = iam.get_paginator(operation).paginate()
        return [entry for page in pages for entry in page[field]]

    users = every("list_users", "Users")
    providers = iam.list_saml_providers()["SAMLProviderList"]
    local = iam.get_paginator("list_policies").paginate(Scope="Local")
    entries = [*users, *every("list_roles", "Roles"), *every("list_groups", "Groups"), *providers]
    entries += [policy for page in local for policy in page["Policies"]]
    keys = [
        f"access key {found['AccessKeyId']}"
        for user in users
        for found in iam.list_access_keys(UserName=user["UserName"])["AccessKeyMetadata"]
    ]
    return {entry["Arn"] for entry in entries} | set(keys)


def okta_inventory(clouds: Clouds) -> set[str]:
    with okta(clouds) as api:
        lists = {
            kind: api.get(f"/api/v1/{kind}", params={"limit": 200}).raise_for_status().json()
            for kind in ("apps", "groups", "users")
        }
    return {f"{kind} {entry['id']}" for kind, entries in lists.items() for entry in entries}
