"""What moves to which stack, when one stack of many accounts becomes an estate."""

import pytest

from access.estate import move
from access.estate.stacks import EstateStack
from settings import SettingsError

STACKS = [EstateStack("c-okta", "okta", 0, 1), EstateStack("c-one", "account:one", 1, 0)]
PREFIX = "urn:pulumi:c::okta-aws-federation"
ROOT = f"{PREFIX}::pulumi:pulumi:Stack::c"
OURS = "okta-aws-federation:index"


def entry(kind, name, parent=ROOT, provider=None, **more):
    """A resource of the state; an account's provider has the account's name."""
    cloud = kind.partition(":")[0]
    of = f"{PREFIX}::pulumi:providers:{cloud}::{provider}::id" if provider else ""
    return {
        "urn": f"{PREFIX}::{kind}::{name}",
        "type": kind,
        "parent": parent,
        "provider": of,
    } | more


def urn(kind, name):
    return f"{PREFIX}::{kind}::{name}"


APP, ROLE = urn(f"{OURS}:OktaAwsApp", "federation"), urn(f"{OURS}:FederatedRole", "one~1Dev")
STATE = [
    entry("pulumi:pulumi:Stack", "c", "", outputs={"contractVersion": 2.0}),
    entry("pulumi:providers:okta", "okta"),
    entry("pulumi:providers:aws", "one"),
    entry(f"{OURS}:OktaAwsApp", "federation"),
    entry("okta:app/saml:Saml", "federation-app", APP, "okta"),
    entry("pulumi:index:Stash", "federation-provider-name", APP),
    entry("aws:iam/samlProvider:SamlProvider", "federation~1one-Okta", APP, "one"),
    entry(f"{OURS}:FederatedRole", "one~1Dev"),
    entry("aws:iam/role:Role", "one~1Dev-role", ROLE, "one"),
    entry("okta:index/userGroupMemberships:UserGroupMemberships", "ada", provider="okta"),
]


def test_an_account_takes_its_provider_and_roles_and_the_okta_half_the_rest():
    account, okta = move.moves(STATE, STACKS)

    assert (account.stack.name, okta.stack.name) == ("c-one", "c-okta")
    assert account.urns == (urn("aws:iam/samlProvider:SamlProvider", "federation~1one-Okta"), ROLE)
    memberships = urn("okta:index/userGroupMemberships:UserGroupMemberships", "ada")
    assert okta.urns == (APP, memberships)


def test_what_an_interrupted_run_has_moved_is_not_moved_again():
    rest = [each for each in STATE if "FederatedRole" not in each["parent"] + each["urn"]]

    assert [len(each.urns) for each in move.moves(rest, STACKS)] == [1, 2]
    assert move.moves(STATE[:3], STACKS) == []


def test_an_account_without_a_stack_is_refused():
    more = entry("aws:iam/role:Role", "two~1Dev-role", ROOT, "two")

    with pytest.raises(SettingsError, match="has resources of account two, and no stack of the"):
        move.moves([*STATE, more], STACKS)


class Former:
    """The engine on the former stack: remembers what it was asked to do."""

    stack, project = "c", "."

    def __init__(self, **deployment):
        self.deployment = {"resources": STATE} | deployment
        self.commands = []

    def export(self):
        return self.deployment

    def run(self, *command):
        self.commands.append(command)

    command = run


@pytest.mark.parametrize(
    ("deployment", "message"),
    [
        (
            {"pending_operations": [{"type": "creating"}]},
            "c: its last update was killed; pulumi up",
        ),
        (
            {"resources": [STATE[0] | {"outputs": {"contractVersion": 1.0}}, *STATE[1:]]},
            "c: has outputs of version 1.0, and this release writes 2; pulumi up --stack c",
        ),
        ({"resources": []}, "c: has outputs of version none, and this release writes 2"),
    ],
)
def test_a_state_that_an_update_has_to_correct_first_is_refused(deployment, message):
    former = Former(**deployment)

    with pytest.raises(SettingsError, match=message):
        move.run(former, STACKS, print, do=True)
    assert former.commands == []


def test_without_yes_every_command_is_printed_and_none_is_run():
    former, lines = Former(), []

    move.run(former, STACKS, lines.append, do=False)

    assert former.commands == []
    assert lines[0] == "c -> c-one: 2 resources and their parts"
    assert lines[1].startswith("  pulumi state move --source c --dest c-one --yes urn:pulumi:c::")
    assert lines[-1] == "  pulumi stack rm --yes --preserve-config --stack c"
    assert [line.split()[:3] for line in lines[4:6]] == [["pulumi", "state", "delete"]] * 2
