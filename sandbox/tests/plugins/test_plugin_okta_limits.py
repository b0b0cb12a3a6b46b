"""Rate limits and `request_timeout`, with the waits of the published Okta plugin on a fast clock.

What was seen with the real plugin is quoted: 30, 60 and 120 seconds between tries, made after 91 s
through two 429s without a timeout, `context deadline exceeded` after 60 s with one.
"""

from concurrent.futures import ThreadPoolExecutor

import grpc
import httpx
import pytest

from sandbox.clock import VARIABLE, Clock
from sandbox.errors import SandboxError
from sandbox.plugins.okta import transport
from sandbox.plugins.okta.arguments import Arguments
from sandbox.plugins.okta.errors import OktaError
from sandbox.plugins.okta.governor import Governor, class_of
from sandbox.plugins.okta.package import PACKAGE as OKTA

GROUP = "okta:group/group:Group"
LOOK = "okta:user/getUser:getUser"
SPEED = 300.0


class Time:
    """A clock that stands still until somebody sleeps, and remembers how long."""

    speed = 1.0

    def __init__(self):
        self.seconds, self.sleeps = 1_800_000_000.0, []

    def now(self):
        return self.seconds

    def sleep(self, seconds):
        self.sleeps.append(seconds)
        self.seconds += max(0, seconds)


def answer(status=200, **headers):
    body = {"errorSummary": "too many"} if status >= 400 else {"id": "00g1"}
    named = {name.replace("_", "-"): str(value) for name, value in headers.items()}
    return httpx.Response(status, json=body, headers=named)


def calls(answers, time, kind=transport.PacedTransport, **arguments):
    """A transport to which an org gives these answers, one after the other."""
    settings = transport.Settings(Arguments(arguments))
    settings.clock = time
    left = iter(answers)

    def respond(request):
        given = next(left)
        if isinstance(given, Exception):
            raise given
        return given

    client = httpx.Client(
        base_url="https://sandbox.okta.test", transport=httpx.MockTransport(respond)
    )
    return kind(client, settings)


def call(method="POST", path="/api/v1/groups"):
    return transport.Call(method, f"https://sandbox.okta.test{path}", path, {})


def test_tries_wait_30_60_and_120_seconds():
    time = Time()

    paced = calls([answer(429)] * 3 + [answer()], time)

    assert paced.send(call())[0].status_code == 200
    assert [pause for pause in time.sleeps if pause] == [30, 60, 120]


@pytest.mark.parametrize(
    ("arguments", "waits"),
    [
        ({}, [30, 60, 120, 240, 300]),
        ({"maxRetries": 8, "maxWaitSeconds": 120}, [30, 60, 120, 120, 120, 120, 120, 120]),
        ({"maxRetries": 3, "minWaitSeconds": 5}, [5, 10, 20]),
        ({"maxRetries": 0}, [30, 60, 120, 240, 300]),
    ],
    ids=str,
)
def test_tries_are_given_up_after_so_many(arguments, waits):
    time = Time()
    paced = calls([answer(429)] * 20, time, **arguments)

    with pytest.raises(OktaError) as refusal:
        paced.send(call())

    assert [pause for pause in time.sleeps if pause] == waits
    assert str(refusal.value) == (
        'Post "https://sandbox.okta.test/api/v1/groups": the API returned an error: too many, '
        f"giving up after {len(waits) + 1} attempt(s)"
    )


def test_retry_after_counts_more_than_the_doubled_wait():
    time = Time()
    paced = calls([answer(429, Retry_After=7), answer(503, Retry_After=400), answer()], time)

    paced.send(call())

    assert [pause for pause in time.sleeps if pause] == [7, 400]


@pytest.mark.parametrize(
    ("status", "retried"),
    [
        (429, True),
        (502, True),
        (503, True),
        (500, False),
        (501, False),
        (400, False),
        (403, False),
        (404, False),
    ],
)
def test_an_overloaded_org_is_asked_again_and_one_that_refuses_is_not(status, retried):
    time = Time()
    paced = calls([answer(status), answer()], time)

    assert (paced.send(call())[0].status_code == 200) is retried


def test_a_connection_that_breaks_is_tried_again_with_pacing_and_not_without():
    broken = httpx.ConnectError("connect: connection refused")
    time = Time()

    assert calls([broken, answer()], time).send(call())[0].status_code == 200
    assert [pause for pause in time.sleeps if pause] == [30]
    plain = calls([broken, answer()], time, transport.SdkTransport)
    with pytest.raises(OktaError, match=r'Post ".*": connect: connection refused'):
        plain.send(call())


def test_one_deadline_counts_for_all_tries_of_a_call():
    time = Time()
    begun = time.now()
    paced = calls([answer(429)] * 2 + [answer()], time, requestTimeout=60)

    with pytest.raises(OktaError) as refusal:
        paced.send(call())

    assert str(refusal.value) == (
        'Post "https://sandbox.okta.test/api/v1/groups": context deadline exceeded'
    )
    assert time.now() - begun == 60
    assert calls([answer(429), answer()], time, requestTimeout=60).send(call())[0].is_success


RESET = {"X_Rate_Limit_Limit": 50, "X_Rate_Limit_Remaining": 12}


def test_the_governor_sleeps_until_the_reset_and_that_counts_against_the_deadline():
    time = Time()
    full = answer(**RESET, X_Rate_Limit_Reset=int(time.now()) + 58)
    paced = calls([full, answer()], time, maxApiCapacity=75)
    paced.send(call())

    paced.send(call())

    assert [pause for pause in time.sleeps if pause] == [58]
    time = Time()
    full = answer(**RESET, X_Rate_Limit_Reset=int(time.now()) + 58)
    paced = calls([full, answer()], time, maxApiCapacity=75, requestTimeout=30)
    paced.send(call())
    with pytest.raises(OktaError, match="context deadline exceeded"):
        paced.send(call())


def known(governor, remaining, reset, method="GET", path="/api/v1/apps"):
    headers = {"X_Rate_Limit_Limit": 100, "X_Rate_Limit_Remaining": remaining}
    governor.update(method, path, answer(**headers, X_Rate_Limit_Reset=reset))


def test_the_governor_knows_of_each_class_what_its_last_answers_say():
    now = 1000
    governor = Governor(75, lambda: now)
    assert governor.pause("GET", "/api/v1/apps") == 0

    known(governor, 25, 1040)
    assert governor.pause("GET", "/api/v1/apps/0oa1/groups") == 0, "75 of 100 are used: not beyond"
    known(governor, 24, 1040)
    assert governor.pause("GET", "/api/v1/apps/0oa1/groups") == 40
    assert governor.pause("GET", "/api/v1/apps/0oa1") == 0, "that is another class"
    known(governor, 90, 1040)
    assert governor.pause("GET", "/api/v1/apps") == 40, "an answer that was overtaken"
    known(governor, 99, 1100)
    assert governor.pause("GET", "/api/v1/apps") == 0, "a new window"
    known(governor, 0, 1040)
    assert governor.pause("GET", "/api/v1/apps") == 0, "the window before"
    known(governor, 0, 1100)
    now = 1160
    assert governor.pause("GET", "/api/v1/apps") == 0, (
        "a reset in the past: there is nothing to wait"
    )
    governor.update("GET", "/api/v1/users/x", answer(X_Rate_Limit_Reset=2000))
    assert governor.pause("GET", "/api/v1/users/x") == 0, "without all three headers"


@pytest.mark.parametrize("capacity", [0, 100])
def test_at_full_capacity_there_is_no_governor(capacity):
    governor = Governor(capacity, lambda: 1000)
    known(governor, 0, 1040)

    assert governor.pause("GET", "/api/v1/apps") == 0


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("PUT", "/api/v1/apps/0oa1", "app by id"),
        ("PUT", "/api/v1/apps/0oa1/groups/00g1", "apps"),
        ("DELETE", "/api/v1/groups/00g1", "group by id"),
        ("POST", "/api/v1/groups", "groups"),
        ("PUT", "/api/v1/groups/00g1/users/00u1", "groups"),
        ("GET", "/api/v1/users/me", "me"),
        ("POST", "/api/v1/users/00u1", "user by id, writing"),
        ("GET", "/api/v1/users/00u1", "user by id, reading"),
        ("GET", "/api/v1/users/00u1/groups", "users"),
        ("GET", "/.well-known/okta-organization", "other"),
    ],
)
def test_requests_are_counted_in_classes(method, path, name):
    assert class_of(method, path) == name


def limited(time, seconds, **more):
    """A 429 whose window ends in so many seconds."""
    date = "Fri, 15 Jan 2027 08:00:00 GMT"  # 1_800_000_000
    return answer(429, Date=date, X_Rate_Limit_Reset=1_800_000_000 + seconds, **more)


def test_the_sdks_own_client_waits_until_the_reset_and_a_second():
    time = Time()
    plain = calls(
        [limited(time, 40), limited(time, 400), answer()],
        time,
        transport.SdkTransport,
        maxWaitSeconds=120,
    )

    plain.send(call())

    assert time.sleeps == [41, 120], "not longer than max_wait_seconds"


def test_a_reset_in_the_past_is_not_waited_for_and_uses_up_the_tries():
    time = Time()
    plain = calls([limited(time, -10)] * 9, time, transport.SdkTransport, maxRetries=8)

    with pytest.raises(OktaError, match=r"^too many requests$"):
        plain.send(call())

    assert all(pause <= 0 for pause in time.sleeps)


@pytest.mark.parametrize(
    ("bare", "said"),
    [
        (answer(429), "date header is missing or invalid"),
        (
            answer(429, Date="Fri, 15 Jan 2027 08:00:00 GMT"),
            "X-Rate-Limit-Reset header is missing or invalid",
        ),
    ],
)
def test_without_headers_the_sdks_own_client_gives_up_at_once(bare, said):
    plain = calls([bare, answer()], Time(), transport.SdkTransport)

    with pytest.raises(OktaError, match=said):
        plain.send(call())


def test_the_sdks_own_client_counts_its_waits_against_the_deadline():
    time = Time()
    plain = calls([limited(time, 40)] * 2, time, transport.SdkTransport, requestTimeout=60)

    with pytest.raises(OktaError, match=r"^context deadline exceeded$"):
        plain.send(call())

    assert sum(time.sleeps) == 60


def lost_among(number, **arguments):
    """Of so many calls, those whose answer's body was lost."""
    plain = calls([answer()] * number, Time(), transport.SdkTransport, **arguments)
    with ThreadPoolExecutor(8) as threads:
        return sum(threads.map(lambda _: plain.send(call())[1], range(number)))


def test_with_a_timeout_under_http_proxy_bodies_are_lost_and_never_otherwise():
    proxy = {"httpProxy": "http://127.0.0.1:9"}

    assert lost_among(1000, requestTimeout=60, **proxy) == 800, "47 of 60 and 37 of 40 were seen"
    assert lost_among(1000, **proxy) == 0
    assert lost_among(1000, requestTimeout=60) == 0
    paced = calls([answer()] * 1000, Time(), requestTimeout=60)
    assert not any(paced.send(call())[1] for _ in range(1000))


def test_a_look_up_whose_body_is_lost_finds_nobody(okta, directory, start):
    plugin = start(OKTA)
    where = {"httpProxy": directory.local.url, "apiToken": directory.local.token}
    plugin.configure(**where, requestTimeout=60)
    ada = [{"name": "profile.login", "value": "ada@example.com"}]

    def look(_):
        try:
            return plugin.look_up(LOOK, searches=ada, skipGroups=True, skipRoles=True)["id"]
        except grpc.RpcError as error:
            return error.details()

    answers = list(map(look, range(20)))

    lost = [each for each in answers if "no users found using search criteria" in each]
    assert (len(lost), len(answers) - len(lost)) == (16, 4)
    for _ in range(20):
        assert okta.look_up(LOOK, searches=ada, skipGroups=True, skipRoles=True)["id"]


def test_a_group_whose_answer_is_lost_is_made_and_forgotten(directory, start):
    plugin = start(OKTA)
    where = {"httpProxy": directory.local.url, "apiToken": directory.local.token}
    plugin.configure(**where, requestTimeout=60)

    with pytest.raises(grpc.RpcError) as error:
        plugin.create(GROUP, name="Orphan")

    assert error.value.details().startswith("expected non-nil error with nil state during Create")
    assert "grpc-status-details-bin" not in dict(error.value.trailing_metadata())
    assert [
        group
        for group in directory.call("GET", "/api/v1/groups")
        if group["profile"]["name"] == "Orphan"
    ]


@pytest.fixture
def fast(monkeypatch):
    """A clock for the org and the plugin that runs 300 times as fast."""
    clock = Clock.running(SPEED)
    monkeypatch.setenv(VARIABLE, clock.text)
    return clock


def test_two_429s_in_a_row_end_well_without_a_timeout_and_not_with_one(directory, start, fast):
    directory.local.org.clock = fast.utc
    key = {"httpProxy": directory.local.url, "apiToken": directory.local.token}
    plugin = start(OKTA)
    plugin.configure(**key)
    begun = fast.now()
    directory.fail("POST", "/api/v1/groups", 429, reset_in=40, times=2)

    plugin.create(GROUP, name="G")

    assert fast.now() - begun > 80, "both windows were waited for"


@pytest.mark.parametrize("text", ["x", "2", "0.5@1", "@", "2@x"])
def test_a_clock_that_makes_no_sense_is_refused(monkeypatch, text):
    monkeypatch.setenv(VARIABLE, text)

    with pytest.raises(SandboxError, match="must be SPEED@START"):
        Clock.from_environment()


def test_a_clock_goes_through_the_environment(fast):
    again = Clock.from_environment()

    assert again == fast
    assert abs(again.now() - fast.now()) < SPEED
