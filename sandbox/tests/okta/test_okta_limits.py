"""Rate limits, faults and slowness, and the switches behind them."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest

from sandbox.okta import middleware
from sandbox.okta.behavior import Switches
from sandbox.okta.server import LocalOkta

# A scale of 0.1 leaves 5 requests a minute of the 100 of /apps: half is a token's by default.
TIGHT = Switches(rate_limit_scale=0.1)


@pytest.fixture
def tight():
    with LocalOkta(switches=TIGHT) as okta:
        okta.org.clock = lambda: okta.org.__dict__.setdefault("frozen", datetime.now(UTC))
        yield okta


def client(okta):
    return httpx.Client(
        base_url=okta.url, headers={"Authorization": f"SSWS {okta.token}"}, trust_env=False
    )


def test_every_answer_says_where_the_caller_stands(tight):
    with client(tight) as api:
        answers = [api.get("/api/v1/apps") for _ in range(2)]

    for answer, remaining in zip(answers, ("4", "3"), strict=True):
        assert answer.headers["x-rate-limit-limit"] == "5"
        assert answer.headers["x-rate-limit-remaining"] == remaining
        date = parsedate_to_datetime(answer.headers["date"])
        reset = datetime.fromtimestamp(int(answer.headers["x-rate-limit-reset"]), UTC)
        assert timedelta(seconds=59) <= reset - date <= timedelta(seconds=61)
        assert len(answer.headers["x-okta-request-id"]) == 27


def test_one_too_many_is_429_with_the_headers_until_the_minute_is_over(tight):
    with client(tight) as api:
        statuses = [api.get("/api/v1/apps").status_code for _ in range(6)]
        refused = api.get("/api/v1/apps")
        frozen = tight.org.clock()
        tight.org.clock = lambda: frozen + timedelta(seconds=60)
        later = api.get("/api/v1/apps")

    assert statuses == [200] * 5 + [429]
    assert refused.json()["errorCode"] == "E0000047"
    assert "too many requests" in refused.json()["errorSummary"]
    assert refused.headers["x-rate-limit-remaining"] == "0"
    assert {"date", "x-rate-limit-reset"} <= refused.headers.keys(), "else clients give up"
    assert "retry-after" not in refused.headers, "Okta sends none"
    assert later.status_code == 200


def test_buckets_and_callers_are_counted_apart(tight):
    with client(tight) as api:
        for _ in range(6):
            api.get("/api/v1/apps")
        assert api.get("/api/v1/groups").status_code == 200, "another bucket"
        assert api.get("/api/v1/apps/nobody").status_code == 404, "one app has a bucket of its own"
    with httpx.Client(base_url=tight.url, trust_env=False) as anonymous:
        assert anonymous.get("/api/v1/apps").status_code == 401, "another caller"


def test_real_limits_hold_by_default():
    assert Switches().rate_limit_scale * middleware.TOKEN_SHARE * 100 == 50


def test_pages_are_not_counted(tight):
    with httpx.Client(base_url=tight.url, trust_env=False) as anonymous:
        answer = anonymous.get("/login/login.htm")

    assert "x-rate-limit-limit" not in answer.headers


# The switchboard, for another process


def test_switches_are_read_and_changed_from_outside(okta, api):
    answer = api.client.patch("/sandbox/switches", json={"page_size": 2, "pipeline": "classic"})

    assert answer.json()["page_size"] == 2
    assert okta.org.switches.pipeline == "classic"
    assert api.client.get("/sandbox/switches").json() == answer.json()


@pytest.mark.parametrize(
    "change", [{"page_size": "2"}, {"nothing": 1}, {"pipeline": "v3"}, {"rate_limit_scale": -1}]
)
def test_a_switch_that_is_none_is_refused(okta, api, change):
    before = okta.org.switches

    assert api.client.patch("/sandbox/switches", json=change).status_code == 400
    assert okta.org.switches == before


def test_what_was_asked_is_told_without_secrets(api):
    api.call("GET", "/groups?limit=1")
    api.client.get("/login/sessionCookieRedirect?token=hush&redirectUrl=x")

    told = api.client.get("/sandbox/requests").json()

    assert told[0] == {"method": "GET", "path": "/api/v1/groups", "query": "limit=1", "status": 200}
    assert "hush" not in str(told)


def test_the_switchboard_is_for_who_has_the_token(anonymous):
    assert anonymous.get("/sandbox/switches").status_code == 401
    assert anonymous.get("/sandbox/requests").status_code == 401


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("pipeline=v3", "must be one of idx, classic"),
        ("strict_roles=perhaps", "must be bool"),
        ("page_size=-1", "must be int"),
        ("lag=1", "no switch 'lag'; there are: assignment_nulls"),
    ],
)
def test_a_switch_on_the_command_line_is_refused_in_words(text, words):
    with pytest.raises(ValueError, match=words):
        Switches().with_texts([text])


def test_switches_on_the_command_line_are_of_their_kind():
    chosen = Switches().with_texts(
        ["pipeline=classic", "strict_roles=false", "rate_limit_scale=0.5"]
    )

    assert (chosen.pipeline, chosen.strict_roles, chosen.rate_limit_scale) == (
        "classic",
        False,
        0.5,
    )
