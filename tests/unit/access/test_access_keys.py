"""Which access key Okta uses: what `check --live` refuses to delete, and what `verify` misses."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from access.verification import access_keys
from settings import read

OLD, NEW = "AKIAOLD", "AKIANEW"
STATE = {"provisioning-key-first": OLD, "provisioning-key-second": NEW}


def at(hour):
    return hour and datetime(2026, 11, 27, hour, tzinfo=UTC)


class Iam:
    """A user with two keys, of which each was used at some hour, or never (None)."""

    exceptions = SimpleNamespace(NoSuchEntityException=KeyError)

    def __init__(self, old=None, new=None):
        self.used = {NEW: at(new), OLD: at(old)}

    def list_access_keys(self, **_):
        created = {OLD: at(1), NEW: at(2)}
        return {
            "AccessKeyMetadata": [
                {"AccessKeyId": key, "Status": "Active", "CreateDate": created[key]}
                for key in self.used
            ]
        }

    def get_access_key_last_used(self, **asked):
        used = self.used[asked["AccessKeyId"]]
        return {"AccessKeyLastUsed": {"LastUsedDate": used} if used else {"ServiceName": "N/A"}}


@pytest.fixture
def stack(pytestconfig):
    def stack(*keys):
        dev = read(pytestconfig.rootpath / "Pulumi.dev.yaml")
        provisioning = dev.provisioning.model_copy(update={"keys": keys})
        return dev.model_copy(update={"provisioning": provisioning})

    return stack


def found(stack, iam, ids=STATE):
    return [str(each) for each in access_keys.findings(stack, ids, iam)]


def test_a_key_that_okta_uses_is_not_deleted(stack):
    assert found(stack("second"), Iam(old=9)) == [
        "okta-aws-federation:provisioning.keys = 'second': the update deletes AKIAOLD, which was "
        "used 2026-11-27 09:00 UTC, and second never; deploy both keys, type second into Okta, and "
        "refresh the application data first"
    ]
    [line] = found(stack("second"), Iam(old=9, new=8))
    assert "and second not since" in line


@pytest.mark.parametrize(
    ("keys", "iam"),
    [
        (("second",), Iam(old=8, new=9)),
        (("second",), Iam()),
        (("first",), Iam(old=9)),
        (("first", "second"), Iam(old=9)),
    ],
    ids=["Okta has the new one", "none was used", "back to the old one", "both stay"],
)
def test_any_other_key_may_go(stack, keys, iam):
    assert found(stack(*keys), iam) == []


def test_another_name_for_the_one_key_is_a_deletion_too(stack):
    [line] = found(stack("second"), Iam(old=9), {"provisioning-key-first": OLD})

    assert "the update deletes AKIAOLD" in line


def test_back_to_a_key_that_okta_left_is_refused(stack):
    assert len(found(stack("first"), Iam(old=8, new=9))) == 1


def test_the_state_names_its_keys():
    urn = "urn:pulumi:dev::okta-aws-federation::x$aws:iam/accessKey:AccessKey::provisioning-key-a"
    key = {"urn": urn, "type": access_keys.RESOURCE_TYPE, "id": OLD}
    resources = [key, {**key, "id": NEW, "delete": True}, {"urn": "u", "type": "t", "id": "i"}]

    assert access_keys.in_state({"resources": resources}) == {"provisioning-key-a": OLD}


def unused(stack, iam):
    keys = access_keys.read(iam, "OktaSSOuser")
    return list(access_keys.unused(stack, keys))


def test_a_newest_key_that_was_never_used_is_named(stack):
    [drift] = unused(stack("first", "second"), Iam(old=9))

    assert (drift.what, drift.observed) == (f"access key {NEW}", "never used")
    assert "provisioningSecretAccessKey" in drift.fix
    assert drift.mended_by == "person"


def test_a_used_one_is_not_and_a_foreign_one_is_another_finding(stack):
    assert unused(stack("first", "second"), Iam(old=8, new=9)) == []
    assert unused(stack("first"), Iam(old=9)) == []
