"""The tutorial on both local clouds: its commands as they stand, its clicks on Okta's pages."""

import os

from sandbox.clouds import UNWANTED
from sandbox.demo.administrator import enable_provisioning, inventory
from sandbox.person import assume, outcome, role_pairs, saml_response
from tests import documents
from tests.documents import ROOT

ACCOUNT = "123456789012"
ADA = "ada@example.com"


def the_provisioning_tab(bench):
    said = bench.stack.outputs(secrets=True)
    key = said["provisioningAccessKeyId"], said["provisioningSecretAccessKey"]
    assert "PUSH_NEW_USERS" in enable_provisioning(bench.clouds, said["appId"], *key)


def a_person_signs_in(bench):
    link = bench.stack.outputs()["signInUrl"]
    response = saml_response(link, ADA, bench.clouds.people[ADA]["password"], bench.clouds.route)
    [pair] = role_pairs(response)
    session = assume(response, *pair, bench.clouds.aws_url)
    assert session.caller().endswith(f":assumed-role/OktaDeveloper/{ADA}")
    assert outcome(session.client("ec2").describe_instances) == "allowed"
    assert outcome(session.client("s3").list_buckets) == "AccessDenied"


CLICKS = {
    "the provisioning tab": the_provisioning_tab,
    "a person signs in": a_person_signs_in,
}


def paste(bench, block):
    def change(config):
        changed = documents.changed(block, dict(config))
        config.clear()
        config.update(changed)

    bench.edit(change)


def type_it(bench, block):
    inherited = {name: value for name, value in os.environ.items() if name not in UNWANTED}
    # A person is asked "Do you want to perform this update?", and says yes.
    said_yes = {"PULUMI_SKIP_CONFIRMATIONS": "true"}
    environment = inherited | bench.stack.variables | said_yes
    done = documents.in_a_shell(documents.script(block), bench.workspace.project, environment)
    documents.hold(block, done)


def test_the_tutorial_leads_to_a_persons_login_and_back_to_nothing(empty_bench):
    before = inventory(empty_bench.clouds, ACCOUNT)
    done = {"stack": 0, "clicks": 0, "runs": 0}

    for block in documents.blocks(ROOT / "docs" / "tutorial.md"):
        if block.kind == "stack":
            paste(empty_bench, block)
        elif block.kind == "clicks":
            CLICKS[block.said](empty_bench)
        elif block.kind == "runs":
            type_it(empty_bench, block)
        done[block.kind] = done.get(block.kind, 0) + 1

    assert done["clicks"] == len(CLICKS)
    assert done["runs"] > 5
    assert inventory(empty_bench.clouds, ACCOUNT) == before
