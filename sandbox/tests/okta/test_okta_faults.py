"""Faults as the emulated Okta plays them: what a client sees, and what has taken effect."""

import time
from email.utils import parsedate_to_datetime

import httpx
import pytest

from sandbox.fault_control import FaultClient
from sandbox.faults import Fault


@pytest.fixture
def queue(okta):
    """From another process: through the endpoint, not the object."""
    client = FaultClient(okta.control.address)

    def add(effect, operation="*", **fields):
        client.add(Fault(effect=effect, operation=operation, **fields))

    return add


def names(api, path="/groups"):
    return {group["profile"]["name"] for group in api.call("GET", path)}


@pytest.mark.parametrize("status", [400, 429, 500, 503])
def test_an_error_comes_instead_of_the_effect(api, queue, status):
    app, group = api.new_app(), api.new_group("g")
    path = f"/apps/{app['id']}/groups/{group}"
    queue("error", "PUT /api/v1/apps/*/groups/*", status=status, times=2)

    assert [api.refused("PUT", path, json={})[0] for _ in range(2)] == [status] * 2
    assert api.refused("GET", path)[0] == 404
    api.call("PUT", path, json={})


def test_code_and_message_are_the_faults(api, queue):
    queue("error", status=403, code="E0000015", message="You do not have access to this feature")

    refused = api.refused("GET", "/groups")

    assert refused == (403, "E0000015", "You do not have access to this feature")


def test_a_429_says_when_and_may_keep_it_to_itself(api, queue):
    queue("error", "* /api/v1/groups", status=429, reset_in=7)
    queue("error", "GET /api/v1/groups", status=429, bare=True)
    queue("error", "GET /api/v1/groups", status=429, retry_after=3)

    first, bare, polite = (api.client.get("/api/v1/groups") for _ in range(3))

    reset = int(first.headers["x-rate-limit-reset"])
    date = parsedate_to_datetime(first.headers["date"]).timestamp()
    assert 6 <= reset - date <= 7
    assert not {"date", "x-rate-limit-reset"} & bare.headers.keys()
    assert polite.headers["retry-after"] == "3"
    assert api.client.get("/api/v1/groups").status_code == 200


@pytest.mark.parametrize("effect", ["disconnect", "hang"])
def test_a_lost_answer_is_a_lost_connection(api, queue, effect):
    seconds = {"seconds": 0.1} if effect == "hang" else {}
    queue(effect, "POST /api/v1/groups", **seconds)

    with pytest.raises(httpx.RemoteProtocolError):
        api.new_group("g")
    assert "g" not in names(api)


@pytest.mark.parametrize("effect", ["disconnect", "error", "body"])
def test_after_the_effect_only_the_answer_is_lost(api, queue, effect):
    queue(effect, "POST /api/v1/groups", after=True)

    if effect == "disconnect":
        with pytest.raises(httpx.RemoteProtocolError):
            api.new_group("g")
    else:
        answer = api.client.post("/api/v1/groups", json={"profile": {"name": "g"}})
        assert (answer.status_code == 200) == (effect == "body")
    assert "g" in names(api)


def test_after_does_not_let_in_who_has_no_token(okta, api, anonymous, queue):
    queue("disconnect", "POST /api/v1/groups", after=True)

    with pytest.raises(httpx.RemoteProtocolError):
        anonymous.post("/api/v1/groups", json={"profile": {"name": "g"}})
    assert "g" not in names(api)


def test_a_hang_holds_one_request_and_no_other(api, okta, queue):
    queue("hang", "GET /api/v1/users/me", seconds=60)

    with pytest.raises(httpx.ReadTimeout):
        api.client.get("/api/v1/users/me", timeout=0.2)
    assert api.client.get("/api/v1/groups").status_code == 200


def test_a_body_is_answered_with_200(api, queue):
    queue("body")
    queue("body", body='{"id": "00g', content_type="application/json")

    page, half = api.client.get("/api/v1/groups"), api.client.get("/api/v1/groups")

    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert (half.status_code, half.text) == (200, '{"id": "00g')


def test_a_delay_answers_late(api, queue):
    queue("delay", "GET /api/v1/groups", seconds=0.3)
    began = time.perf_counter()

    api.call("GET", "/groups")

    assert time.perf_counter() - began >= 0.3


def test_an_expired_token_is_401(api, queue):
    queue("expired-credentials")

    assert api.refused("GET", "/groups") == (401, "E0000011", "Invalid token provided")
    api.call("GET", "/groups")


def test_a_skewed_clock_shows_in_every_time(okta, api, queue):
    queue("clock-skew", seconds=-7200)

    group = api.client.post("/api/v1/groups", json={"profile": {"name": "g"}})

    date = parsedate_to_datetime(group.headers["date"]).timestamp()
    assert 7100 < time.time() - date < 7300


def test_limits_are_scaled(okta, api, queue):
    limit = int(api.client.get("/api/v1/groups").headers["x-rate-limit-limit"])
    queue("rate-limit", scale=0.01)

    scaled = int(api.client.get("/api/v1/groups").headers["x-rate-limit-limit"])

    assert scaled == limit / 100


# Eventual consistency


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("groups", {"profile": {"name": "g"}}),
        ("apps", None),
        (
            "users",
            {
                "profile": {
                    "login": "new@example.com",
                    "email": "new@example.com",
                    "firstName": "N",
                    "lastName": "N",
                }
            },
        ),
    ],
)
def test_a_new_object_is_not_seen_by_the_next_reads(api, queue, kind, body):
    queue("lag", f"POST /api/v1/{kind}", reads=3)
    new = api.call("POST", f"/{kind}", json=body or api.app_body())["id"]

    assert api.refused("GET", f"/{kind}/{new}")[0] == 404
    assert new not in {one["id"] for one in api.call("GET", f"/{kind}")}
    assert api.refused("GET", f"/{kind}/{new}")[0] == 404
    assert api.call("GET", f"/{kind}/{new}")["id"] == new
    assert new in {one["id"] for one in api.call("GET", f"/{kind}")}


def test_a_new_person_is_not_seen_by_login_either(api, queue):
    queue("lag", "POST /api/v1/users", reads=1)
    login = "new@example.com"
    profile = {"login": login, "email": login, "firstName": "N", "lastName": "N"}
    api.call("POST", "/users", json={"profile": profile})

    assert api.refused("GET", f"/users/{login}")[0] == 404
    assert api.call("GET", f"/users/{login}")["profile"]["login"] == login


def test_what_belongs_to_an_unseen_app_is_not_seen(api, queue):
    queue("lag", "POST /api/v1/apps", reads=1)
    app = api.new_app()

    assert api.refused("GET", f"/apps/{app['id']}/credentials/keys")[0] == 404
    api.call("GET", f"/apps/{app['id']}/credentials/keys")


def test_writes_see_what_reads_do_not(api, queue):
    queue("lag", "POST /api/v1/groups", reads=5)
    group = api.new_group("g", "ada@example.com")

    assert api.refused("GET", f"/groups/{group}/users")[0] == 404


def test_a_membership_lags_in_both_lists(api, queue):
    group, ada = api.new_group("g"), api.user_id("ada@example.com")
    queue("lag", "PUT /api/v1/groups/*/users/*", reads=2)
    api.call("PUT", f"/groups/{group}/users/{ada}")

    assert api.call("GET", f"/groups/{group}/users") == []
    assert "g" not in names(api, f"/users/{ada}/groups")
    assert len(api.call("GET", f"/groups/{group}/users")) == 1
    assert "g" in names(api, f"/users/{ada}/groups")


def test_an_assignment_lags(api, queue):
    app, group = api.new_app()["id"], api.new_group("g")
    queue("lag", "PUT /api/v1/apps/*/groups/*", reads=2)
    api.assign(app, group)

    assert api.refused("GET", f"/apps/{app}/groups/{group}")[0] == 404
    assert api.call("GET", f"/apps/{app}/groups") == []
    assert api.call("GET", f"/apps/{app}/groups/{group}")["id"] == group


def test_a_change_is_read_as_before(api, queue):
    group = api.new_group("before")
    queue("lag", "PUT /api/v1/groups/*", reads=1)
    api.call("PUT", f"/groups/{group}", json={"profile": {"name": "later"}})

    assert api.call("GET", f"/groups/{group}")["profile"]["name"] == "before"
    assert api.call("GET", f"/groups/{group}")["profile"]["name"] == "later"


def test_what_is_deleted_is_read_once_more(api, queue):
    group = api.new_group("g")
    queue("lag", "DELETE /api/v1/groups/*", reads=1)
    api.call("DELETE", f"/groups/{group}")

    assert api.call("GET", f"/groups/{group}")["id"] == group
    assert api.refused("GET", f"/groups/{group}")[0] == 404


def test_a_write_that_failed_hides_nothing(api, queue):
    api.new_group("g")
    queue("lag", "POST /api/v1/groups", reads=5)

    assert api.refused("POST", "/groups", json={"profile": {"name": "g"}})[0] == 400
    assert "g" in names(api)
