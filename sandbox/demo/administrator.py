"""What an administrator does by hand in Okta, since no supported API does it."""

from urllib.parse import quote

import httpx

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
    answer = _switchboard(clouds, "POST", "factors", {"login": login, "push": push})
    code: str = answer["passCode"]
    return code


def ask_factor_at_sign_in(clouds: Clouds) -> None:
    """From now on Okta asks for the factor when a person signs in, as a global session policy."""
    _switchboard(clouds, "PATCH", "switches", {"factor_at_sign_in": True})


def _switchboard(
    clouds: Clouds, method: str, path: str, payload: dict[str, str | bool]
) -> dict[str, str]:
    try:
        answer = httpx.request(
            method,
            f"{clouds.okta_url}/sandbox/{path}",
            json=payload,
            headers={"Authorization": f"SSWS {clouds.okta_token}"},
            trust_env=False,
        )
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise SandboxError(f"the sandbox's Okta does not answer: {error}") from None
    changed: dict[str, str] = answer.json()
    return changed


def choose_password(clouds: Clouds, login: str) -> str:
    """What somebody new does by the link in Okta's mail, which goes nowhere here: a password for
    a person whom a stack created. Raises SandboxError if nobody has that login."""
    password = passwords.generate()
    headers = {"Authorization": f"SSWS {clouds.okta_token}"}
    one = f"{clouds.okta_url}/api/v1/users/{quote(login)}"
    try:
        with httpx.Client(headers=headers, trust_env=False) as okta:
            answer = okta.post(one, json={"credentials": {"password": {"value": password}}})
            if answer.status_code == httpx.codes.NOT_FOUND:
                known = ", ".join(clouds.people)
                raise SandboxError(
                    f"nobody is {login} in the sandbox's Okta, which begins with {known}: add them "
                    "to `people` in the stack file, and deploy"
                )
            if answer.raise_for_status().json()["status"] != "ACTIVE":
                okta.post(f"{one}/lifecycle/reactivate").raise_for_status()
    except httpx.HTTPError as error:
        raise SandboxError(f"the sandbox's Okta does not answer: {error}") from None
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
    answer = httpx.get(
        f"{clouds.okta_url}/api/v1/apps/{app_id}",
        headers={"Authorization": f"SSWS {clouds.okta_token}"},
        trust_env=False,
    )
    answer.raise_for_status()
    result: list[str] = answer.json()["features"]
    return result
