"""Which steps a recovery finds, in which order, and what it leaves alone."""

import socket
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest
from botocore.stub import Stubber

from access.recovery import apps, clouds, identifiers, status
from access.recovery.apps import AppChoice, OktaApp, apps_of_label
from access.recovery.clouds import Clouds
from access.recovery.engine import Engine, EngineError, Lock
from access.recovery.identifiers import AwsClient
from access.recovery.plan import Plan, Planned
from access.recovery.status import GONE, IN_STATE, MISSING, ONLY_IN_CLOUD
from access.verification.access_keys import AccessKey
from settings import SettingsError, read

ACCOUNT, USER = "123456789012", "OktaSSOuser"
DAY = datetime(2026, 10, 1, tzinfo=UTC)
OURS = f"arn:aws:iam::{ACCOUNT}:saml-provider/Okta"
OTHERS = "arn:aws:iam::210987654321:saml-provider/Okta"
URN = "urn:pulumi:dev::okta-aws-federation::"
PROVIDER = f"{URN}pulumi:providers:aws::main"


def resource(name, kind="aws:iam/role:Role", *, op="create", **inputs):
    urn = f"{URN}c$${kind}::{name}".replace("$$", "$")
    state = {"type": kind, "provider": f"{PROVIDER}::1", "inputs": inputs}
    return {"op": op, "urn": urn, "newState": state}


def plan_of(*steps):
    provider = {"allowedAccountIds": f'["{ACCOUNT}"]'}
    first = {
        "op": "refresh",
        "urn": PROVIDER,
        "newState": {"type": "pulumi:providers:aws", "inputs": provider},
    }
    return Plan.parse({"steps": [first, *steps]}, {})


@pytest.fixture
def stack(pytestconfig):
    return read(pytestconfig.rootpath / "Pulumi.dev.yaml")


@pytest.fixture
def look(monkeypatch, stack):
    """What `read` answers for such a plan, state and clouds."""

    def look(plan, *, state=(), pending=(), ids=(), keys=(), choices=()):
        deployment = {"resources": list(state), "pending_operations": list(pending)}
        monkeypatch.setattr(Engine, "lock", lambda self: None)
        monkeypatch.setattr(Engine, "export", lambda self: deployment)
        monkeypatch.setattr(Engine, "plan", lambda self: plan)
        monkeypatch.setattr(Clouds, "choices", lambda *_: dict(choices))
        monkeypatch.setattr(Clouds, "import_ids", lambda *_: dict(ids))
        monkeypatch.setattr(Clouds, "foreign_keys", lambda *_: iter(keys))
        return status.read(Engine("dev", Path()), stack)

    return look


def kinds(found):
    return [" ".join(step.command.split()[:2]) for step in found.steps]


def test_a_state_that_agrees_with_both_clouds_needs_nothing(look):
    found = look(plan_of(resource("dev", op="refresh")), state=[{"urn": "x"}])

    assert (found.steps, found.notes) == ([], [])
    assert [each.status for each in found.resources] == [IN_STATE]


def test_what_exists_nowhere_is_left_to_the_next_update(look):
    found = look(plan_of(resource("dev")))

    assert found.steps == []
    assert [each.status for each in found.resources] == [MISSING]


def test_what_is_only_in_a_cloud_is_imported(look):
    made = resource("dev")

    found = look(plan_of(made), ids={made["urn"]: "Dev"})

    assert kinds(found) == ["pulumi import"]
    assert [(each.status, each.id) for each in found.resources] == [(ONLY_IN_CLOUD, "Dev")]


def test_what_is_gone_from_its_cloud_is_refreshed(look):
    made = resource("dev")

    found = look(plan_of(made), state=[{"urn": made["urn"], "id": "Dev"}])

    assert kinds(found) == ["pulumi refresh"]
    assert "gone from a cloud: dev" in found.steps[0].reason
    assert [each.status for each in found.resources] == [GONE]


def test_a_resource_that_a_replacement_is_about_to_delete_is_not_in_the_state(look):
    made = resource("dev")

    found = look(plan_of(made), state=[{"urn": made["urn"], "id": "Dev", "delete": True}])

    assert [each.status for each in found.resources] == [MISSING]


def test_pending_operations_are_cleared_before_the_import(look):
    made = resource("dev")
    pending = {"type": "creating", "resource": {"urn": made["urn"], "type": "aws:iam/role:Role"}}

    found = look(plan_of(made), pending=[pending], ids={made["urn"]: "Dev"})

    assert kinds(found) == ["pulumi refresh", "pulumi import"]
    assert "--clear-pending-creates" in found.steps[0].command
    assert found.pending == ["creating aws:iam/role:Role dev"]


def key(identifier, last_used=None):
    return ACCOUNT, AccessKey(USER, identifier, True, DAY, last_used)


def test_a_key_that_was_used_is_named_and_never_deleted(look):
    used = datetime(2026, 11, 1, tzinfo=UTC)

    found = look(plan_of(), keys=[key("AKIA1"), key("AKIA2", used)])

    assert [step.command for step in found.steps] == [
        f"aws iam delete-access-key --user-name {USER} --access-key-id AKIA1"
    ]
    assert found.notes == [
        f"access key AKIA2 of {USER} is in no state and was last used 2026-11-01: find out by "
        f"whom, then `aws iam delete-access-key --user-name {USER} --access-key-id AKIA2`"
    ]


def test_an_app_that_people_have_is_named_and_never_deleted(look):
    app = resource("app", "okta:app/saml:Saml", op="refresh", label="AWS")
    unused, used, other = (
        OktaApp("2026", identifier, False, arn)
        for identifier, arn in (("0oa2", OURS), ("0oa3", OURS), ("0oa4", OTHERS))
    )
    ours = OktaApp("2026", "0oa1", False, OURS)
    choice = AppChoice(ours=ours, unused=[unused], in_use=[used], of_others=[other])

    found = look(plan_of(app), choices={app["urn"]: choice})

    assert [step.command for step in found.steps] == ["in Okta: deactivate and delete app 0oa2"]
    assert "0oa1" in found.steps[0].reason
    first, second = found.notes
    assert first.startswith("Okta app 0oa3 has the label 'AWS' too, and people are assigned to it")
    assert f"Okta app 0oa4 has the label 'AWS' and is another stack's ({OTHERS})" in second


class Org:
    def __init__(self, **answers):
        self.answers, self.sent = answers, []

    def every(self, path, **_):
        return iter(self.answers.get(path.rpartition("/")[2], ()))

    def get(self, path, **_):
        return self.answers.get(path.rpartition("/")[2], ())

    def send(self, method, path):
        self.sent.append(f"{method} {path}")


def app(identifier, name="amazon_aws", *, label="AWS", features=(), **settings):
    return {
        "id": identifier,
        "name": name,
        "label": label,
        "created": "2026",
        "features": list(features),
        "settings": {"app": settings},
    }


def test_provisioning_that_is_enabled_counts_as_use():
    apps = [app("0oa1", features=["PUSH_NEW_USERS"]), app("0oa2"), app("0oa3", label="AWS 2")]

    found = apps_of_label(Org(apps=apps), "amazon_aws", "AWS")

    assert [(each.id, each.in_use) for each in found] == [("0oa1", True), ("0oa2", False)]


def test_the_native_app_that_another_stacks_app_lets_in_is_that_stacks():
    apps = [
        app("0oa1", "oidc_client"),
        app("0oa2", "oidc_client"),
        app("0oa3", label="B", identityProviderArn=OTHERS, webSSOAllowedClient="0oa2"),
    ]

    found = apps_of_label(Org(apps=apps), "oidc_client", "AWS")

    assert [(each.id, each.provider_arn) for each in found] == [("0oa1", ""), ("0oa2", OTHERS)]


def test_an_app_is_deactivated_before_it_is_deleted():
    org = Org()

    apps.delete_app(org, "0oa1")

    assert org.sent == [
        "POST /api/v1/apps/0oa1/lifecycle/deactivate",
        "DELETE /api/v1/apps/0oa1",
    ]


def planned(kind, **inputs):
    return Planned(f"{URN}{kind}::x", kind, inputs, PROVIDER, {}, True)


@pytest.mark.parametrize(
    ("kind", "inputs", "answers", "expected"),
    [
        (
            "okta:group/group:Group",
            {"name": "A"},
            {
                "groups": [
                    {"id": "00g1", "type": "APP_GROUP", "profile": {"name": "A"}},
                    {"id": "00g2", "type": "OKTA_GROUP", "profile": {"name": "A B"}},
                    {"id": "00g3", "type": "OKTA_GROUP", "profile": {"name": "A"}},
                ]
            },
            "00g3",
        ),
        ("okta:group/group:Group", {"name": "A"}, {}, None),
        (
            "okta:group/rule:Rule",
            {"name": "A"},
            {"rules": [{"id": "0pr1", "name": "A B"}, {"id": "0pr2", "name": "A"}]},
            "0pr2",
        ),
        (
            "okta:app/groupAssignment:GroupAssignment",
            {"appId": "0oa1", "groupId": "00g1"},
            {"groups": [{"id": "00g1"}]},
            "0oa1/00g1",
        ),
        (
            "okta:app/groupAssignment:GroupAssignment",
            {"appId": "0oa1", "groupId": "00g2"},
            {"groups": [{"id": "00g1"}]},
            None,
        ),
        ("okta:user/user:User", {"login": "a@b"}, {"users": [{"id": "00u1"}]}, "00u1"),
        (
            "okta:index/appSignonPolicy:AppSignonPolicy",
            {"name": "P"},
            {"policies": [{"id": "rst1", "name": "P"}]},
            "rst1",
        ),
        (
            "okta:index/appSignonPolicyRule:AppSignonPolicyRule",
            {"policyId": "rst1", "name": "R"},
            {"rules": [{"id": "rul1", "name": "R"}]},
            "rst1/rul1",
        ),
    ],
)
def test_the_import_id_of_what_okta_holds(kind, inputs, answers, expected):
    assert identifiers.OKTA[kind](Org(**answers), planned(kind, **inputs)) == expected


@pytest.fixture
def aws(stack):
    """An account whose answers are given; botocore holds requests and answers to AWS's model."""
    session = boto3.Session("id", "secret", region_name="us-east-1")
    client = AwsClient(next(iter(stack.accounts.values())), session)
    with Stubber(client.iam) as stub:
        yield client, stub
        stub.assert_no_pending_responses()


ROLE = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
EC2 = "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"


def test_the_import_id_of_an_attachment(aws):
    client, stub = aws
    answer = {"AttachedPolicies": [{"PolicyName": "x", "PolicyArn": EC2}], "IsTruncated": False}
    stub.add_response("list_attached_role_policies", answer, {"RoleName": "Dev"})

    wanted = planned(ROLE, role="Dev", policyArn=EC2)

    assert identifiers.AWS[ROLE](client, wanted) == f"Dev/{EC2}"


def test_an_attachment_to_a_role_that_is_not_there_is_missing(aws):
    client, stub = aws
    stub.add_client_error("list_attached_role_policies", "NoSuchEntity", http_status_code=404)

    assert identifiers.AWS[ROLE](client, planned(ROLE, role="Dev", policyArn=EC2)) is None


def test_the_arn_of_a_policy_holds_its_path(aws):
    client, stub = aws
    arn = f"arn:aws:iam::{ACCOUNT}:policy/okta/P"
    stub.add_response("get_policy", {"Policy": {"Arn": arn}}, {"PolicyArn": arn})

    kind = "aws:iam/policy:Policy"
    assert identifiers.AWS[kind](client, planned(kind, name="P", path="/okta/")) == arn


def test_keys_of_every_user_who_gets_one_are_foreign_unless_the_state_has_them(monkeypatch, stack):
    keys = [AccessKey(USER, f"AKIA{n}", True, DAY, None) for n in (1, 2)]
    asked = []
    monkeypatch.setattr(clouds, "session_in", lambda account: boto3.Session("i", "s"))
    monkeypatch.setattr(clouds.access_keys, "read", lambda iam, user: asked.append(user) or keys)
    kind = "aws:iam/accessKey:AccessKey"
    plan = plan_of(resource("a", kind, user=USER), resource("b", kind, op="refresh", user=USER))

    assert list(Clouds(stack).foreign_keys(plan, ["AKIA1"])) == [(ACCOUNT, keys[1])]
    assert asked == [USER]


def test_a_cut_off_state_file_is_put_back_before_the_lock_is_taken_away(
    monkeypatch, stack, tmp_path
):
    """`pulumi cancel` loads the state as well."""
    file = tmp_path / "dev.json"
    file.write_text("")
    file.with_name("dev.json.bak").write_text("{}")

    def export(self):
        raise EngineError("`pulumi stack export`: failed to load checkpoint: EOF")

    monkeypatch.setattr(Engine, "lock", lambda self: Lock("me", socket.gethostname(), 2**22 + 1))
    monkeypatch.setattr(Engine, "state_file", lambda self: file)
    monkeypatch.setattr(Engine, "export", export)

    found = status.read(Engine("dev", tmp_path), stack)

    assert [step.command.split()[0] for step in found.steps] == ["cp", "pulumi"]


def test_another_org_than_the_stack_file_s_is_never_asked(monkeypatch, pytestconfig, tmp_path):
    file = tmp_path / "Pulumi.x.yaml"
    text = (pytestconfig.rootpath / "Pulumi.dev.yaml").read_text()
    file.write_text(f"{text}  okta-aws-federation:okta: {{ org: acme }}\n")
    monkeypatch.delenv("OKTA_HTTP_PROXY", raising=False)
    monkeypatch.setenv("OKTA_ORG_NAME", "acme-preview")

    with pytest.raises(SettingsError, match=r"okta\.org = 'acme\.okta\.com': is another org than"):
        _ = Clouds(read(file)).org
