"""The org killed and started again with its state file: still the same org."""

import json
import signal
import subprocess
import sys

import httpx
import pytest

from sandbox.errors import SandboxError
from sandbox.okta.behavior import Switches
from sandbox.okta.server import LocalOkta

ADA = "ada@example.com"


@pytest.fixture
def start(tmp_path):
    """Start the command, on the port of the one before; kill what ran."""
    running = []

    def run(*options):
        port = httpx.URL(running[-1][1]["url"]).port if running else 0
        command = [sys.executable, "-m", "sandbox", "okta", "--json", "--port", str(port)]
        command += ["--state", str(tmp_path / "okta.state"), *options]
        with (tmp_path / "log").open("ab") as log:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)
        running.append((process, json.loads(process.stdout.readline())))
        return running[-1]

    yield run
    for process, _ in running:
        process.kill()
        process.wait()
        process.stdout.close()


def client(ready):
    headers = {"Authorization": f"SSWS {ready['token']}"}
    return httpx.Client(base_url=ready["url"] + "/api/v1", headers=headers, trust_env=False)


def everything(api):
    """What the API shows of every kind."""
    kinds = ("apps", "groups", "users", "policies?type=ACCESS_POLICY")
    shown = {kind: api.get(f"/{kind}").raise_for_status().json() for kind in kinds}
    for app in shown["apps"]:
        shown[app["id"]] = [
            api.get(f"/apps/{app['id']}/groups").json(),
            api.get(f"/apps/{app['id']}/credentials/keys").json(),
            api.get(f"/apps/{app['id']}/sso/saml/metadata").text,
        ]
    for group in shown["groups"]:
        shown[group["id"]] = api.get(f"/groups/{group['id']}/users").json()
    return shown


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_an_org_that_was_killed_is_the_same_afterwards(start, number, app_body):
    process, ready = start("--switch", "strict_roles=false")
    with client(ready) as api:
        app = api.post("/apps", json=app_body).raise_for_status().json()["id"]
        group = api.post("/groups", json={"profile": {"name": "g"}}).json()["id"]
        ada = api.get(f"/users/{ADA}").json()["id"]
        api.put(f"/groups/{group}/users/{ada}").raise_for_status()
        profile = {"samlRoles": ["OktaDeveloper"]}
        api.put(f"/apps/{app}/groups/{group}", json={"profile": profile}).raise_for_status()
        before = everything(api)
    process.send_signal(number)
    process.wait()

    _, again = start()

    assert {**again, "control": None} == {**ready, "control": None}
    with client(again) as api:
        assert everything(api) == before
        later = api.post("/groups", json={"profile": {"name": "later"}}).json()
        order = [one["id"] for one in api.get("/groups").json()]
        assert order.index(later["id"]) == len(order) - 1, "new things come after old ones"
        given = {"username": ADA, "password": again["people"][ADA]["password"]}
        ticket = api.post("/authn", json=given).json()["sessionToken"]
    answer = httpx.get(
        f"{again['url']}/home/amazon_aws/{app}/272",
        params={"sessionToken": ticket},
        follow_redirects=True,
        trust_env=False,
    )
    assert "SAMLResponse" in answer.text


def test_a_session_outlives_the_restart(start):
    process, ready = start()
    with httpx.Client(base_url=ready["url"], trust_env=False) as browser:
        given = {"username": ADA, "password": ready["people"][ADA]["password"]}
        ticket = browser.post("/api/v1/authn", json=given).json()["sessionToken"]
        browser.post("/api/v1/sessions", json={"sessionToken": ticket})
        process.kill()
        process.wait()
        start()
        assert browser.get("/api/v1/users/me").json()["profile"]["login"] == ADA


def test_without_a_state_file_a_restart_is_another_org(aws):
    with LocalOkta(aws.url) as first, LocalOkta(aws.url) as second:
        assert first.token != second.token


def test_every_kind_of_record_survives(aws, tmp_path, app_body):
    """Signing keys, services, factors, rules, sessions: whatever the org can hold."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    file = tmp_path / "state"
    with LocalOkta(aws.url, switches=Switches(order="reversed"), state=file) as first:
        first.register_service(
            rsa.generate_private_key(65537, 2048).public_key(), ["okta.apps.read"]
        )
        with client({"url": first.url, "token": first.token}) as calls:
            calls.post("/apps", json=app_body).raise_for_status()
            httpx.post(
                f"{first.url}/sandbox/factors",
                json={"login": ADA},
                headers={"Authorization": f"SSWS {first.token}"},
                trust_env=False,
            ).raise_for_status()
        claims = first.org.token_key.thumbprint()
    second = LocalOkta(aws.url, state=file)
    with second:
        assert second.org.switches.order == "reversed"
        assert len(second.org.services) == 1
        assert second.org.token_key.thumbprint() == claims
        assert second.org.user(ADA).factors
        assert second.org.user(ADA) in second.org.everyone.members.values(), "one object, not two"


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x80\x04N."])
def test_a_file_that_is_no_state_is_one_line(aws, tmp_path, content):
    file = tmp_path / "state"
    file.write_bytes(content)

    with pytest.raises(SandboxError, match="holds no state of the sandbox's Okta") as refused:
        LocalOkta(aws.url, state=file)
    assert "\n" not in str(refused.value)


def test_the_state_is_for_its_owner(aws, tmp_path):
    with LocalOkta(aws.url, state=tmp_path / "state"):
        pass
    assert (tmp_path / "state").stat().st_mode & 0o077 == 0
