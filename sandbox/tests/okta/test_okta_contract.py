"""The contract: start-up of the provider, and what is outside.

Each file of this name takes a subject row by row, with the literal requests of the published
provider.
"""

import socket

import pytest

pytestmark = pytest.mark.usefixtures("note_what_is_asked")


def test_start_up_with_a_token_asks_for_me(api):
    me = api.call("GET", "/users/me")

    assert me["profile"]["login"] == "admin@example.com"


def test_start_up_without_a_good_token_is_refused(api, anonymous):
    for header in ({}, {"Authorization": "SSWS wrong"}, {"Authorization": "Bearer wrong"}):
        answer = anonymous.get("/api/v1/users/me", headers=header)

        assert answer.status_code == 401, f"{header} must stop the provider"


@pytest.mark.parametrize(("pipeline", "told"), [("idx", "idx"), ("classic", "v1")])
def test_anybody_may_ask_which_engine_runs(api, anonymous, pipeline, told):
    api.switch(pipeline=pipeline)

    assert anonymous.get("/.well-known/okta-organization").json()["pipeline"] == told


def test_a_request_in_absolute_form_is_served_whatever_host_it_names(api):
    host, port = api.okta.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as line:
        line.sendall(
            b"GET http://127.0.0.1/api/v1/users/me HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Authorization: SSWS " + api.okta.token.encode() + b"\r\nConnection: close\r\n\r\n"
        )
        answer = b"".join(iter(lambda: line.recv(65536), b""))

    assert answer.startswith(b"HTTP/1.1 200"), "the newer clients drop the port on the way"


def test_what_nobody_serves_gets_oktas_404_and_a_line_in_the_log(api, caplog):
    status, code, _ = api.refused("GET", "/zones?limit=20")

    assert (status, code) == (404, "E0000007")
    assert "outside the contract: GET /api/v1/zones?limit=20" in caplog.text


def test_a_method_nobody_serves_gets_oktas_405(api):
    assert api.refused("PATCH", "/users/me")[:2] == (405, "E0000022")


def test_the_log_of_what_is_outside_keeps_no_secret(api, caplog):
    api.refused("GET", "/zones?token=hush&sessionToken=hush&x=1")

    assert "x=1" in caplog.text
    assert "hush" not in caplog.text


def test_a_body_that_is_no_json_object_is_malformed(api):
    for content in (b"{", b"[]", b"\xff"):
        assert api.refused("POST", "/groups", content=content)[:2] == (400, "E0000003")


def test_an_exception_is_a_500_with_oktas_body_and_in_the_log(api, monkeypatch, caplog):
    def broken(self, group_id):
        raise RuntimeError("the handler broke")

    monkeypatch.setattr(type(api.okta.org), "group", broken)

    assert api.refused("GET", "/groups/x")[:2] == (500, "E0000009")
    assert "the handler broke" in caplog.text


def test_what_breaks_before_any_handler_is_answered_too(api, monkeypatch, caplog):
    def broken(self, **arguments):
        raise RuntimeError("the counting broke")

    monkeypatch.setattr(type(api.okta.org.limits), "count", broken)

    assert api.refused("GET", "/groups")[:2] == (500, "E0000009"), "else providers retry for ever"
    assert "the counting broke" in caplog.text
