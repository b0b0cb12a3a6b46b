"""Each rule broken once, in a preview by the real engine."""

import re
from pathlib import Path

import pytest

PACK = Path(__file__).parents[3] / "policies"
RULES = re.findall(
    r"^\| `([a-z0-9-]+)` \|",
    (PACK / "README.md").read_text().split("## Configuration")[0],
    re.MULTILINE,
)
SEEN_LATER = {"no-administrator-by-hand", "key-age", "saml-certificate-lasts"}
"""Rules about what a cloud answers, which is not there before an update."""


def test_a_rule_that_no_preview_can_break_is_broken_by_an_update():
    updates = (Path(__file__).parent / "test_pack_in_updates.py").read_text()

    told = set(re.findall(r'rules\("mandatory"\) == {"([a-z-]+)"}', updates))
    assert told >= SEEN_LATER
    assert set(RULES) >= SEEN_LATER


@pytest.fixture(scope="module")
def clouds(start_clouds):
    with start_clouds() as clouds:
        yield clouds


@pytest.fixture
def project(new_project, clouds):
    """A project on clouds that all share: a preview makes nothing."""
    return new_project(clouds)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule not in SEEN_LATER])
def test_a_broken_rule_refuses_the_preview_and_no_other_rule_does(project, rule):
    project.breaking(rule)

    verdict = project.judged("preview", **{rule: "mandatory"})

    assert verdict.rules("mandatory") == {rule}, verdict.said
    assert verdict.code != 0


def test_a_federation_that_keeps_every_rule_is_let_through(project):
    project.breaking("")

    verdict = project.judged("preview")

    assert verdict.rules("mandatory") == set(), verdict.said
    assert verdict.code == 0


def test_a_rule_that_the_stack_made_advisory_is_told_and_lets_the_preview_through(project):
    project.breaking("role-tags")

    verdict = project.judged("preview", **{"role-tags": "advisory"})

    assert "role-tags" in verdict.rules("advisory"), verdict.said
    assert verdict.rules("mandatory") == set()
    assert verdict.code == 0


def test_a_rule_that_the_stack_disabled_says_nothing(project):
    project.breaking("role-tags")

    verdict = project.judged("preview", **{"role-tags": "disabled"})

    assert verdict.code == 0, verdict.said
    assert "role-tags" not in verdict.said


def test_an_exception_lets_one_finding_through_until_it_ends(project):
    project.breaking("no-service-wildcard")
    excuse = {"resource": "reading", "finding": "cloudwatch:*", "reason": "until dashboards move"}

    excused = project.judged(
        "preview", **{"no-service-wildcard": {"exceptions": [excuse | {"until": "2999-12-31"}]}}
    )
    ended = project.judged(
        "preview", **{"no-service-wildcard": {"exceptions": [excuse | {"until": "2020-12-31"}]}}
    )

    assert excused.code == 0, excused.said
    assert ended.code != 0
    assert "Its exception ended on 2020-12-31: until dashboards move" in ended.said


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        ({"key-age": {"maximumDays": 0}}, "maximumDays: Must be greater than or equal to 1"),
        ({"no-service-wildcard": {"exceptions": [{"resource": "reading"}]}}, "until is required"),
        (
            {
                "no-service-wildcard": {
                    "exceptions": [
                        {"resource": "reading", "finding": "cloudwatch:*", "until": "2999-12-31"}
                    ]
                }
            },
            "reason is required",
        ),
    ],
)
def test_a_configuration_that_a_rule_cannot_take_is_refused(project, config, complaint):
    verdict = project.judged("preview", **config)

    assert verdict.code != 0
    assert complaint in verdict.said


def test_the_example_configuration_is_taken(project):
    project.breaking("")
    example = str(PACK / "example.json")

    verdict = project.pulumi("preview", "--policy-pack", str(PACK), "--policy-pack-config", example)

    assert verdict.code == 0, verdict.said


def test_a_trust_that_a_preview_cannot_know_is_told_and_let_through(project):
    project.breaking("later")

    verdict = project.judged("preview")

    assert verdict.code == 0, verdict.said
    assert "saml-trust-has-audience" in verdict.rules("advisory")
    assert "string value at .assumeRolePolicy can't be known during preview" in verdict.said
