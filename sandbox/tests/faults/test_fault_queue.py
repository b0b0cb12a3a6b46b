"""The queue of faults that both clouds take from, and its endpoint for other processes."""

import httpx
import pytest
from click.testing import CliRunner

from sandbox import fault_command
from sandbox.errors import SandboxError
from sandbox.fault_control import FaultClient, FaultControl
from sandbox.faults import Fault, Faults

CREATE = "iam:CreateRole"


@pytest.fixture
def faults():
    return Faults()


@pytest.fixture
def control(faults):
    with FaultControl(faults) as running:
        yield running


@pytest.fixture
def client(control):
    return FaultClient(control.address)


def strikes(faults, operation, requests):
    """For each of so many requests: the id of the fault that strikes, 0 for none."""
    taken = [faults.take(operation).fault for _ in range(requests)]
    return [fault.id if fault else 0 for fault in taken]


def test_a_fault_strikes_as_often_as_it_says_and_leaves_the_queue(faults):
    faults.add(Fault(effect="error", operation=CREATE, times=2))

    assert strikes(faults, CREATE, 3) == [1, 1, 0]
    assert faults.pending() == []


def test_a_fault_without_a_count_stays_until_it_is_cleared(faults):
    faults.add(Fault(effect="error", times=None))

    assert strikes(faults, CREATE, 5) == [1] * 5
    assert faults.clear() == 1
    assert strikes(faults, CREATE, 1) == [0]


def test_skipped_requests_pass_first(faults):
    faults.add(Fault(effect="error", operation=CREATE, skip=2))

    assert strikes(faults, CREATE, 4) == [0, 0, 1, 0]


def test_faults_of_one_operation_strike_one_after_the_other(faults):
    faults.add(Fault(effect="error", times=2))
    faults.add(Fault(effect="disconnect"))

    assert strikes(faults, CREATE, 4) == [1, 1, 2, 0]


def test_delays_add_up_and_come_before_another_fault(faults):
    faults.add(Fault(effect="delay", seconds=1, times=None))
    faults.add(Fault(effect="delay", seconds=0.5))
    faults.add(Fault(effect="error"))

    first, second = faults.take(CREATE), faults.take(CREATE)

    assert (first.delay, first.fault.effect) == (1.5, "error")
    assert (second.delay, second.fault) == (1, None)


@pytest.mark.parametrize(
    ("pattern", "operation", "matches"),
    [
        ("*", CREATE, True),
        ("iam:createrole", CREATE, True),
        ("iam:Create*", CREATE, True),
        ("iam:Create*", "iam:DeleteRole", False),
        ("POST /api/v1/groups", "POST /api/v1/groups", True),
        ("POST /api/v1/groups", "POST /api/v1/groups/rules", False),
        ("* /api/v1/apps/*/groups/*", "PUT /api/v1/apps/0oa1/groups/00g1", True),
        ("GET *", "POST /api/v1/groups", False),
    ],
)
def test_an_operation_is_matched_as_the_cloud_writes_it(faults, pattern, operation, matches):
    faults.add(Fault(effect="error", operation=pattern))

    assert strikes(faults, operation, 1) == [int(matches)]


def test_skew_and_limits_count_while_they_are_queued(faults):
    faults.add(Fault(effect="clock-skew", seconds=-1200))
    faults.add(Fault(effect="rate-limit", scale=0.5))
    faults.add(Fault(effect="rate-limit", scale=0.1))

    assert strikes(faults, CREATE, 2) == [0, 0], "they strike no single request"
    assert faults.clock_skew.total_seconds() == -1200
    assert faults.rate_limit_scale == pytest.approx(0.05)
    faults.clear()
    assert faults.clock_skew.total_seconds() == 0
    assert faults.rate_limit_scale == 1


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, "a fault needs an effect: error, disconnect"),
        ({"effect": "explode"}, "effect = 'explode': must be one of error"),
        ({"effect": "error", "status": 200}, "status = 200: an error is 400 to 599"),
        ({"effect": "error", "status": "500"}, "status = '500': must be int"),
        ({"effect": "error", "times": 0}, "times = 0: must be at least 1, or null"),
        ({"effect": "error", "times": True}, "times = True: must be int or null"),
        ({"effect": "error", "path": "/"}, "'path' is no field of a fault"),
        ({"effect": "error", "id": 7}, "'id' is no field of a fault"),
        ({"effect": "hang"}, "seconds = 0: 'hang' needs a number above 0"),
        ({"effect": "delay", "seconds": -1}, "seconds = -1: must be at least 0"),
        ({"effect": "rate-limit", "scale": 0}, "scale = 0: must be above 0"),
        ({"effect": "lag", "reads": 0}, "reads must be at least 1"),
        ({"effect": "clock-skew", "operation": "GET *"}, "operation = 'GET *'"),
    ],
)
def test_an_invalid_fault_is_refused_in_one_line(client, faults, document, message):
    with pytest.raises(SandboxError) as refused:
        client._request("POST", "/faults", json=document)

    assert message in str(refused.value)
    assert "\n" not in str(refused.value)
    assert faults.pending() == []


def test_another_process_queues_lists_and_clears(client, faults):
    client.add(Fault(effect="error", operation=CREATE, code="Throttling", status=400, times=3))
    client.add(Fault(effect="lag", operation=CREATE, reads=4))

    assert client.pending() == [
        {
            "id": 1,
            "effect": "error",
            "operation": CREATE,
            "status": 400,
            "code": "Throttling",
            "times": 3,
        },
        {"id": 2, "effect": "lag", "operation": CREATE, "reads": 4},
    ]
    assert faults.take(CREATE).fault.code == "Throttling"
    assert client.clear(1) == 1
    assert client.clear(1) == 0
    assert strikes(faults, CREATE, 1) == [2]
    assert client.clear() == 0


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer x"}, {"Authorization": "SSWS x"}])
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/faults"), ("POST", "/faults"), ("DELETE", "/faults/1")]
)
def test_the_endpoint_is_for_who_has_its_token(control, faults, header, method, path):
    faults.add(Fault(effect="error"))

    answer = httpx.request(method, control.url + path, headers=header, trust_env=False)

    assert answer.status_code == 401
    assert len(faults.pending()) == 1


def test_a_dead_cloud_is_one_line(control, client):
    control.__exit__(None, None, None)

    with pytest.raises(SandboxError, match="control endpoint does not answer") as refused:
        client.pending()
    assert "\n" not in str(refused.value)


# The command


class Running:
    """A sandbox whose clouds have these endpoints."""

    def __init__(self, control):
        self.control = control

    def clouds(self):
        return self


@pytest.fixture
def command(control, monkeypatch):
    monkeypatch.setattr(fault_command, "LIVE", Running({"okta": control.address}))

    def run(*arguments):
        return CliRunner().invoke(fault_command.fault, arguments, catch_exceptions=True)

    return run


def test_the_command_queues_shows_and_clears(command, faults):
    added = command("add", "okta", "POST /api/v1/apps", "--status", "503", "--times", "0")

    line = "okta 1  error  POST /api/v1/apps  times=every  status=503"
    assert added.output == f"queued: {line}\n"
    assert faults.take("POST /api/v1/apps").fault.status == 503
    assert command("list").output == f"{line}\n"
    assert '"status": 503' in command("list", "--json").output
    assert command("clear").output == "cleared 1 fault\n"
    assert command("list").output == "no faults are queued\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["add", "okta", "--effect", "hang"], "seconds = 0: 'hang' needs"),
        (["add", "aws", CREATE], "the local aws has no control endpoint"),
        (["clear", "okta", "9"], "no fault 9 is queued at okta"),
    ],
)
def test_the_command_refuses_in_one_line(command, arguments, message):
    refused = command(*arguments).exception

    assert isinstance(refused, SandboxError)
    assert message in str(refused)
