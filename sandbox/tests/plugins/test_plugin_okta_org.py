"""How the Okta plugin finds its org, says who it is, waits, pages, and passes on what Okta says."""

import grpc
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.faults import Fault
from sandbox.plugins.okta.package import PACKAGE as OKTA

GROUP = "okta:group/group:Group"


@pytest.fixture
def environment(directory, monkeypatch):
    """Only environment variables lead to the org, as the sandbox sets them."""
    monkeypatch.setenv("OKTA_HTTP_PROXY", directory.local.url)
    monkeypatch.setenv("OKTA_ORG_NAME", "sandbox")
    monkeypatch.setenv("OKTA_BASE_URL", "okta.test")
    monkeypatch.setenv("OKTA_API_TOKEN", directory.local.token)
    return directory


def test_the_environment_alone_leads_to_the_org(environment, start):
    plugin = start(OKTA)
    plugin.configure()

    assert plugin.create(GROUP, name="G").id.startswith("00g")


def test_a_wrong_token_is_said_to_be_wrong(environment, start):
    with pytest.raises(grpc.RpcError) as refusal:
        start(OKTA).configure(apiToken="wrong")

    assert refusal.value.details() == (
        "failed validate configuration: error with v3 SDK client: 401 Unauthorized"
    )


def test_without_credentials_it_is_said_what_is_missing(environment, start, monkeypatch):
    monkeypatch.delenv("OKTA_API_TOKEN")

    with pytest.raises(grpc.RpcError, match="no Okta credentials provided"):
        start(OKTA).configure()


def test_where_nothing_listens_it_the_address_is_named(environment, start):
    with pytest.raises(grpc.RpcError) as refusal:
        start(OKTA).configure(httpProxy="http://127.0.0.1:9")

    assert refusal.value.details().startswith(
        'failed validate configuration: Get "http://127.0.0.1:9/api/v1/users/me": '
    )


def test_a_token_is_tried_once_for_each_sdk(environment, start):
    start(OKTA).configure()

    paths = [one.path for one in environment.local.org.requests]
    assert paths == ["/api/v1/users/me"] * 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            {"apiToken": "a", "accessToken": "b"},
            'Conflicting configuration arguments. "access_token": conflicts with api_token',
        ),
        ({"maxRetries": 101}, "expected max_retries to be in the range (0 - 100), got 101"),
        ({"requestTimeout": 301}, "expected request_timeout to be in the range (0 - 300), got 301"),
        ({"maxApiCapacity": 0}, "expected max_api_capacity to be in the range (1 - 100), got 0"),
    ],
)
def test_what_the_provider_refuses_is_refused(environment, start, arguments, said):
    with pytest.raises(ValueError, match=r"range|Conflicting") as refusal:
        start(OKTA).configure(**arguments)

    assert said in str(refusal.value)


def test_an_unknown_argument_is_refused(environment, start):
    with pytest.raises(ValueError, match='a provider argument named "colour" is not expected'):
        start(OKTA).configure(colour="red")


@pytest.fixture(scope="module")
def service_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


SCOPES = ["okta.groups.manage", "okta.groups.read"]


def test_a_service_app_works_with_its_key(directory, start, service_key):
    client_id = directory.local.register_service(service_key.public_key(), SCOPES)
    plugin = start(OKTA)
    plugin.configure(
        httpProxy=directory.local.url,
        clientId=client_id,
        privateKey=pem(service_key),
        scopes=SCOPES,
    )
    assert directory.asked() == [], "the first call asks for the access token"

    assert plugin.create(GROUP, name="G").id
    assert directory.asked()[:2] == ["POST /oauth2/v1/token", "POST /groups"]


def test_another_key_is_refused(directory, start, service_key):
    client_id = directory.local.register_service(service_key.public_key(), SCOPES)
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    plugin = start(OKTA)
    plugin.configure(
        httpProxy=directory.local.url, clientId=client_id, privateKey=pem(other), scopes=SCOPES
    )
    with pytest.raises(grpc.RpcError, match="failed to create group: empty access token"):
        plugin.create(GROUP, name="G")


def test_what_is_no_key_is_said_to_be_none(directory, start):
    plugin = start(OKTA)
    plugin.configure(
        httpProxy=directory.local.url, clientId="0oa1", privateKey="a key", scopes=SCOPES
    )
    with pytest.raises(grpc.RpcError, match="failed to create group: invalid private key"):
        plugin.create(GROUP, name="G")


@pytest.mark.parametrize("status", [400, 403, 404, 500, 503])
def test_any_other_refusal_is_final(okta, directory, status):
    directory.fail("POST", "/api/v1/groups", status)
    directory.asked()

    with pytest.raises(grpc.RpcError, match="failed to create group: the API returned an error"):
        okta.create(GROUP, name="G")

    assert directory.asked() == ["POST /groups"]


def test_a_page_in_place_of_json_is_an_error_of_the_provider(okta, directory):
    directory.local.org.faults.add(Fault(effect="body", operation="POST /api/v1/groups"))

    with pytest.raises(grpc.RpcError, match="invalid character '<' looking for beginning of value"):
        okta.create(GROUP, name="AWSDeveloper")


def test_all_pages_of_a_list_are_read(okta, directory):
    directory.switch(page_size=2)
    group = okta.create(GROUP, name="G")
    people = [directory.user_id(f"{name}@example.com") for name in ("ada", "grace", "alan", "joan")]
    for person in people:
        directory.call("PUT", f"/api/v1/groups/{group.id}/users/{person}")

    found = okta.look_up("okta:user/getUsers:getUsers", groupId=group.id)

    assert sorted(one["id"] for one in found["users"]) == sorted(people)
