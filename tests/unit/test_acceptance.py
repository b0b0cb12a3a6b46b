"""Parts of `python -m tools.acceptance` that no emulated cloud can be brought to show."""

import itertools
import subprocess
from types import SimpleNamespace

import httpx
import pytest

from sandbox.errors import SandboxError
from sandbox.workspace import ROOT
from tools.acceptance import probes, run, take_down
from tools.acceptance.answers import QUESTIONS, Answers, report_text
from tools.acceptance.okta import RateLimits
from tools.acceptance.take_down import Leftover, sweep
from tools.acceptance.target import PREFIX, Names


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    seconds = []
    monkeypatch.setattr("time.sleep", seconds.append)
    return seconds


def test_what_is_listed_still_after_its_deletion_is_looked_at_again(monkeypatch, pauses):
    deleted = []
    role = Leftover("IAM role oaf", lambda: deleted.append("role"))
    found = iter([[role], [role], []])
    monkeypatch.setattr(take_down, "FINDERS", {"AWS": lambda okta, prefix: next(found)})

    assert sweep(None, "oaf") == []
    assert deleted == ["role", "role"]
    assert len(pauses) == 2


def test_a_cloud_that_cannot_be_read_counts_as_left_behind(monkeypatch):
    def refuse(okta, prefix):
        raise SandboxError("expired\ntoken")
        yield

    monkeypatch.setattr(
        take_down, "FINDERS", {"Okta": refuse, "AWS": lambda okta, prefix: iter([])}
    )

    assert sweep(None, "oaf") == ["what is in Okta: expired token"]


def test_what_cannot_be_deleted_is_named_with_the_reason(monkeypatch):
    def refuse():
        raise SandboxError("protected")

    leftover = Leftover("Okta app oaf", refuse)
    monkeypatch.setattr(take_down, "FINDERS", {"Okta": lambda okta, prefix: iter([leftover])})

    assert sweep(None, "oaf") == ["Okta app oaf: protected"]


def test_a_new_object_counts_as_seen_once_several_reads_in_a_row_see_it():
    reads = iter([False, True, False, True, True, True])

    assert probes.until_seen(lambda: next(reads))["reads_missed"] == 2
    assert next(reads, "all read") == "all read"


def test_an_object_that_is_never_seen_is_given_up(monkeypatch):
    clock = itertools.count(0, 50)
    monkeypatch.setattr("time.monotonic", lambda: next(clock))

    with pytest.raises(SandboxError, match=r"not seen after 180 s, in \d reads"):
        probes.until_seen(lambda: False)


@pytest.mark.parametrize(
    ("code", "printed", "expected"),
    [
        (0, '{"deviations": [], "decisions": 2}', ("yes", None)),
        (1, '{"deviations": [{"what": "role"}], "decisions": 2}', ("no", None)),
        (2, "Okta can't be read", (None, "Okta can't be read")),
    ],
)
def test_verify_answers_yes_no_or_stays_open(code, printed, expected, monkeypatch, tmp_path):
    done = subprocess.CompletedProcess([], code, stdout=printed, stderr="")
    monkeypatch.setattr(run.subprocess, "run", lambda *arguments, **options: done)
    answers = Answers()
    stack = SimpleNamespace(name="acceptance", project=tmp_path, variables={})

    run.Run._verify(SimpleNamespace(answers=answers, stack=stack))

    answer = answers.by_id["verify-agrees"]
    assert (answer.answer, answer.reason) == expected
    assert bool(answer.facts.get("deviations")) == (code == 1)


def test_the_report_hides_account_org_and_secrets_wherever_they_stand():
    report = {
        "text": "arn:aws:iam::123456789012:role/x",
        "deep": [{"key": "https://acme.okta.com"}],
    }

    text = report_text(report, {"123456789012": "ACCOUNT", "acme.okta.com": "ORG"})

    assert "arn:aws:iam::ACCOUNT:role/x" in text
    assert "https://ORG" in text


def test_rate_limits_are_recorded_by_kind_of_request_and_without_a_login():
    limits = RateLimits()
    paths = [
        "/api/v1/apps/0oa0123456789abcdefg/groups/00g0123456789abcdefg",
        "/api/v1/apps/0oaZZZZZZZZZZZZZZZZZ/groups/00gZZZZZZZZZZZZZZZZZ?x=1",
        "/api/v1/users/oaf%2Bplus%40example.com",
    ]
    for number, path in enumerate(paths):
        request = httpx.Request("PUT", f"https://acme.okta.com{path}")
        headers = {"X-Rate-Limit-Limit": "50", "X-Rate-Limit-Remaining": str(10 - number)}
        limits.record(httpx.Response(429 if number else 200, headers=headers, request=request))
    limits.record(httpx.Response(200, request=httpx.Request("GET", "https://acme.okta.com/a")))

    bare, groups, users = limits.as_json()

    expected = {"requests": 2, "limit": 50, "least_remaining": 9, "refused": 1}
    assert groups == {"method": "PUT", "path": "/api/v1/apps/{id}/groups/{id}", **expected}
    assert users["path"] == "/api/v1/users/{login}"
    assert (bare["limit"], bare["requests"]) == (None, 1)


def test_every_name_begins_with_a_prefix_of_the_run_and_fits():
    one, other = Names.new(), Names.new()

    assert one.prefix != other.prefix
    assert PREFIX.fullmatch(one.prefix)
    file = one.stack_file("123456789012")
    named = [*file["roles"], *file["groups"], file["app"]["label"], file["app"]["provider"]]
    named += [file["provisioning"][key] for key in ("user", "policy", "group")]
    named += [one.login, one.of("probe-app")]
    assert all(name.startswith(one.prefix) and len(name) <= 64 for name in named)


def test_the_page_lists_every_question():
    page = (ROOT / "docs" / "how-to" / "acceptance.md").read_text()

    assert [name for name in QUESTIONS if f"`{name}`" not in page] == []
