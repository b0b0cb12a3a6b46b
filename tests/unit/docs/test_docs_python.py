"""Every Python example of the documents runs, under Pulumi's mocks, as it stands."""

import pytest
from pulumi_aws import iam
from pulumi_okta import app, group

from tests import documents
from tests.documents import ROOT

EXAMPLES = documents.every_block("python")


def play(run, block):
    run(lambda: exec(compile(block.text, str(block), "exec"), {"__name__": "example"}))


@pytest.mark.parametrize("block", EXAMPLES, ids=str)
def test_every_example_runs(run, cloud, block):
    assert (block.kind, block.said) == ("runs", "mocks"), "no word above the block of where it runs"

    play(run, block)

    assert len(cloud.resources) > 1, "it creates nothing"


def test_the_readme_s_example_opens_one_role_to_one_person_in_twelve_lines(run, cloud):
    [block] = [each for each in EXAMPLES if each.page == ROOT / "README.md"]

    play(run, block)

    assert cloud.one(iam.Role)["name"] == "OktaDeveloper"
    assert (
        cloud.one(app.GroupAssignment)["profile"]
        == '{"role": null, "samlRoles": ["OktaDeveloper"]}'
    )
    assert cloud.one(group.Group)["name"] == "AWSDeveloper"
    assert "okta:index/userGroupMemberships:UserGroupMemberships" in {
        r.typ for r in cloud.resources
    }
    statements = [line for line in block.text.splitlines() if line.strip()]
    assert len(statements) <= 12


def test_the_readme_is_read_in_one_go():
    assert len((ROOT / "README.md").read_text().splitlines()) < 120
