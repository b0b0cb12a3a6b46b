"""Okta takes two apps of one label, AWS two keys of one user: which is the stack's."""

import pytest

from access.findings import Severity
from access.recovery import apps
from access.verification import okta_state
from access.verification.compare_aws import _foreign_keys
from access.verification.okta_state import Evidence
from settings import read

LABEL, USER = "AWS Account Federation", "OktaSSOuser"
OURS = "arn:aws:iam::123456789012:saml-provider/Okta"
OTHERS = "arn:aws:iam::210987654321:saml-provider/Okta"


def okta_app(identifier, *, created="2026-01-01", arn=OURS, active=True):
    return {
        "id": identifier,
        "label": LABEL,
        "name": "amazon_aws",
        "created": created,
        "features": [],
        "status": "ACTIVE" if active else "INACTIVE",
        "credentials": {"signing": {"kid": "k"}},
        "settings": {"app": {"identityProviderArn": arn}},
    }


class Org:
    """The parts of Okta's API that tell apps apart."""

    def __init__(self, *apps, assigned=()):
        self.apps, self.assigned = apps, assigned

    def every(self, path, **_):
        if path == "/api/v1/apps":
            return iter(self.apps)
        identifier = path.split("/")[4]
        return iter([{"id": "00g1"}] if identifier in self.assigned else [])

    def text(self, path, **_):
        return f'<EntityDescriptor entityID="http://www.okta.com/{path.split("/")[4]}"/>'


FIRST, SECOND = okta_app("0oa1"), okta_app("0oa2", created="2026-01-02")


def ours(org, **evidence):
    app, further = okta_state._ours(org, org.apps, Evidence(**evidence))
    return (app["id"] if app else None), further


@pytest.mark.parametrize(
    ("org", "evidence", "expected"),
    [
        (Org(), {}, (None, ())),
        (Org(FIRST), {}, ("0oa1", ())),
        # Nothing else to go by: the older one.
        (Org(SECOND, FIRST), {}, ("0oa1", ("0oa2",))),
        (Org(FIRST, SECOND, assigned=["0oa2"]), {}, ("0oa2", ("0oa1",))),
        (
            Org(FIRST, SECOND, assigned=["0oa1"]),
            {"issuers": ["http://www.okta.com/0oa2"]},
            ("0oa2", ("0oa1",)),
        ),
        (
            Org(FIRST, SECOND, assigned=["0oa1"]),
            {"issuers": ["http://www.okta.com/0oa1"], "ids_in_state": lambda: ["0oa2"]},
            ("0oa2", ("0oa1",)),
        ),
    ],
)
def test_state_then_trust_then_assignments_then_age_tell_the_stacks_app(org, evidence, expected):
    assert ours(org, **evidence) == expected


def test_an_inactive_app_serves_no_metadata_and_is_compared_all_the_same():
    off = okta_app("0oa0", created="2025-01-01", active=False)

    assert ours(Org(off, SECOND), issuers=["http://www.okta.com/0oa2"]) == ("0oa2", ("0oa0",))


def test_with_one_app_the_state_is_not_asked():
    def fail():
        raise AssertionError

    assert ours(Org(FIRST), ids_in_state=fail) == ("0oa1", ())


def test_the_key_that_the_state_does_not_hold_is_named_with_its_command():
    drift = _foreign_keys("user", USER, ["AKIA1", "AKIA2"], 1, ["AKIA2", "0oa1"])

    assert (drift.expected, drift.observed) == ("1", "2: AKIA1 not in the state")
    assert f"aws iam delete-access-key --user-name {USER} --access-key-id AKIA1" in drift.fix


def test_without_a_state_both_keys_are_named_and_the_output_tells_which():
    drift = _foreign_keys("user", USER, ["AKIA2", "AKIA1"], 1, [])

    assert drift.observed == "2: AKIA1, AKIA2"
    assert "provisioningAccessKeyId" in drift.fix


@pytest.fixture
def stack(pytestconfig):
    return read(pytestconfig.rootpath / "Pulumi.dev.yaml")


def found(stack, org, recorded=()):
    return list(apps.findings(stack, recorded, org))


def test_an_app_that_the_state_lacks_is_an_error_before_anything_is_made(stack):
    [finding] = found(stack, Org(FIRST))

    assert finding.severity is Severity.ERROR
    assert str(finding) == (
        f"okta-aws-federation:app.label = {LABEL!r}: Okta has app 0oa1 of this label, and the "
        "state does not hold it; `python -m access recover` says whether to adopt or to delete it"
    )


def test_an_app_that_the_state_holds_is_none_of_them(stack):
    assert found(stack, Org(FIRST), ["0oa1"]) == []


def test_an_app_of_another_stack_asks_for_another_label(stack):
    [finding] = found(stack, Org(okta_app("0oa9", arn=OTHERS)))

    assert finding.fix == f"it is another stack's ({OTHERS}): choose another label"
