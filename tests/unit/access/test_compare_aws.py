"""An account that differs from the stack file in one thing gets one line."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

import settings
from access.model import AccessModel
from access.trusts import trust_document
from access.verification.access_keys import AccessKey
from access.verification.aws_state import AccountState, Role, User
from access.verification.compare_aws import deviations
from okta_aws_federation.provisioning_policy import provisioning_policy
from settings import AccountRole

ACCOUNT = "123456789012"
DAY = datetime(2026, 11, 27, tzinfo=UTC)
ARN = f"arn:aws:iam::{ACCOUNT}:"
OURS = f"{ARN}role/Developer"
LIST_ROLES = f"{ARN}policy/Lists"
TEAM = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
TEAM |= {"Condition": {"StringEquals": {"aws:PrincipalTag/Team": "blue"}}}
STACK = {
    "accounts": {"main": {"id": ACCOUNT, "region": "us-east-1"}},
    "roles": {"Developer": {"inlinePolicies": {"Team": [TEAM]}, "tags": {"owner": "identity"}}},
    "groups": {"AWS": {"roles": ["Developer"], "members": ["ada@example.com"]}},
    "provisioning": {"user": "Sso", "group": "Ssos", "policy": "Lists", "keys": ["first"]},
}
MODEL = AccessModel(settings.parse(STACK))
DEVELOPER = Role(
    arn=OURS,
    trust=trust_document(MODEL.stack, AccountRole("main", "Developer")),
    attached=frozenset(),
    inline={"Team": {"Version": "2012-10-17", "Statement": [TEAM]}},
    boundary=None,
    session_seconds=3600,
    tags={"owner": "identity"},
)
KEY = AccessKey("u", "AKIA1", active=True, created=DAY, last_used=DAY)
KEPT = AccountState(
    metadata="",
    roles={"Developer": DEVELOPER},
    policies={LIST_ROLES: json.loads(provisioning_policy(None, ()))},
    groups={"Ssos": frozenset({LIST_ROLES})},
    user=User(frozenset(), frozenset(), frozenset({"Ssos"}), [KEY], signs_in=False),
)


def found(state: AccountState) -> list[str]:
    return [str(each) for each in deviations(MODEL, "main", state, None)]


def stranger(principal: object, **condition: object) -> AccountState:
    """The account with a role by hand that trusts `principal`."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    trust = {"Statement": statement | ({"Condition": condition} if condition else {})}
    other = replace(DEVELOPER, arn=f"{ARN}role/Other", trust=trust)
    return replace(KEPT, roles=KEPT.roles | {"Other": other})


def test_an_account_as_the_file_says_has_none():
    assert found(KEPT) == []


@pytest.mark.parametrize(
    "principal",
    [
        {"AWS": OURS},
        {"AWS": [f"{ARN}root", OURS]},
        {"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/Developer/ada@example.com"},
    ],
)
def test_a_role_by_hand_that_trusts_a_role_of_the_stack_is_named(principal):
    [line] = found(stranger(principal))

    assert line.startswith(
        f"AWS: role Other in {ACCOUNT}: trust policy: expected no other role that trusts a role of "
        f"the stack, found it trusting arn:aws:"
    )


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}])
def test_a_role_by_hand_that_trusts_everybody_is_named(principal):
    assert any("found it trusting everybody" in line for line in found(stranger(principal)))
    limited = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    assert not any("everybody" in line for line in found(stranger(principal, **limited)))


@pytest.mark.parametrize(
    "principal",
    [
        {"AWS": f"{ARN}role/DeveloperOfAnother"},
        {"AWS": "arn:aws:iam::111122223333:role/Developer"},
        {"Federated": f"{ARN}saml-provider/OktaContractors"},
        {"Service": "ec2.amazonaws.com"},
    ],
)
def test_a_role_by_hand_that_trusts_somebody_else_is_let_be(principal):
    assert found(stranger(principal)) == []


def test_a_role_by_hand_in_another_account_of_the_stack_is_named():
    other = "210987654321"
    accounts = {**STACK["accounts"], "more": {"id": other, "region": "us-east-1"}}
    sections = STACK | {"mode": "group-mapping", "accounts": accounts}
    del sections["provisioning"]
    model = AccessModel(settings.parse(sections))
    there = {
        name: replace(role, arn=role.arn.replace(ACCOUNT, other))
        for name, role in stranger({"AWS": OURS}).roles.items()
    }
    trust = trust_document(model.stack, AccountRole("more", "Developer"))
    there["Developer"] = replace(there["Developer"], trust=trust)

    [line] = deviations(model, "more", replace(KEPT, roles=there), None)

    assert (line.where, line.observed) == (f"role Other in {other}", f"it trusting {OURS.lower()}")


def metadata(*names):
    keys = "".join(
        f'<x:X509Certificate xmlns:x="http://www.w3.org/2000/09/xmldsig#">{name}</x:X509Certificate>'
        for name in names
    )
    return f'<m entityID="http://www.okta.com/exk">{keys}</m>'


@pytest.mark.parametrize(
    ("trusted", "lines"),
    [
        (["one"], []),
        (["one", "old"], []),
        (["old"], ["1 missing"]),
        (["one", "mine"], ["1 of other keys"]),
    ],
)
def test_a_certificate_that_is_of_no_key_of_the_app_is_named(trusted, lines):
    state = replace(KEPT, metadata=metadata(*trusted))

    drifts = deviations(MODEL, "main", state, metadata("one"), signers={"one", "old"})

    assert [each.observed for each in drifts] == lines


@pytest.mark.parametrize("written", ["210987654321", "arn:aws:iam::210987654321:root"])
def test_an_account_in_a_trust_policy_is_its_root_as_iam_answers(written):
    statement = {"Effect": "Allow", "Principal": {"AWS": written}, "Action": "sts:AssumeRole"}
    statement |= {"Condition": {"StringEquals": {"sts:ExternalId": "x"}}}
    developer = STACK["roles"]["Developer"] | {"trust": {"statements": [statement]}}
    model = AccessModel(settings.parse(STACK | {"roles": {"Developer": developer}}))
    answered = json.dumps(trust_document(model.stack, AccountRole("main", "Developer")))
    answered = answered.replace(f'"{written}"', '"arn:aws:iam::210987654321:root"')
    role = replace(DEVELOPER, trust=json.loads(answered))

    assert list(deviations(model, "main", replace(KEPT, roles={"Developer": role}), None)) == []


def test_a_tag_that_policies_compare_is_compared_too():
    def tagged(**tags):
        role = replace(DEVELOPER, tags=tags)
        return found(replace(KEPT, roles={"Developer": role}))

    assert tagged(owner="identity", cost="7") == [], "nothing compares it"
    assert "tag owner: expected identity, found somebody" in tagged(owner="somebody")[0]
    assert "tag team: expected none, found blue" in tagged(owner="identity", team="blue")[0]


def test_an_inline_policy_of_the_provisioning_group_is_named():
    state = replace(KEPT, inline_group_policies={"Ssos": frozenset({"admin"})})

    [line] = found(state)

    assert line.startswith("AWS: IAM group Ssos: inline policies: expected none, found admin")
