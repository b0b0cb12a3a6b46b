"""What only an update, a refresh or the clouds can show to the pack."""

import json

import pytest

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
UP = ("up", "--yes", "--skip-preview")


@pytest.fixture
def clouds(start_clouds):
    with start_clouds() as clouds:
        yield clouds


@pytest.fixture
def iam(clouds):
    return clouds.iam()


@pytest.fixture
def project(new_project, clouds):
    return new_project(clouds)


@pytest.fixture
def deployed(project):
    project.breaking("")
    verdict = project.judged(*UP)
    assert verdict.code == 0, verdict.said
    return project


def test_a_federation_that_keeps_every_rule_is_deployed_and_then_nothing_is_left_unseen(deployed):
    verdict = deployed.judged("preview", "--expect-no-changes")

    assert verdict.code == 0, verdict.said
    assert verdict.rules("mandatory") == verdict.rules("advisory") == set()


def test_a_trust_that_a_preview_cannot_know_is_refused_before_the_role_is_made(project, iam):
    project.breaking("later")
    assert project.judged("preview").code == 0

    verdict = project.judged(*UP)

    assert verdict.code != 0
    assert verdict.rules("mandatory") == {"saml-trust-has-audience"}, verdict.said
    assert iam.list_saml_providers()["SAMLProviderList"], "the update did not get to the role"
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_role(RoleName="Audit")


def test_an_administrator_made_by_hand_shows_after_a_refresh(deployed, iam):
    iam.attach_role_policy(RoleName="Audit", PolicyArn=ADMINISTRATOR)
    assert deployed.judged("preview").code == 0, "nobody has looked yet"

    refreshed = deployed.pulumi("refresh", "--yes")
    assert refreshed.code == 0, refreshed.said
    verdict = deployed.judged("preview")

    assert verdict.code != 0
    assert verdict.rules("mandatory") == {"no-administrator-by-hand"}, verdict.said


def test_a_key_made_long_ago_is_refused_until_its_successor_is_there(deployed):
    state = json.loads(deployed.pulumi("stack", "export").said)
    [key] = [r for r in state["deployment"]["resources"] if "accessKey" in r["type"]]
    key["outputs"]["createDate"] = "2020-01-01T00:00:00Z"
    (deployed.folder / "state.json").write_text(json.dumps(state))
    assert deployed.pulumi("stack", "import", "--file", "state.json").code == 0

    verdict = deployed.judged("preview")

    assert verdict.code != 0
    assert verdict.rules("mandatory") == {"key-age"}, verdict.said

    rotating = deployed.pulumi("config", "set", "keys", "2")
    assert rotating.code == 0
    assert deployed.judged(*UP).code == 0, "a rotation must be deployable"
    assert deployed.judged("preview").code == 0


def test_a_certificate_that_ends_soon_is_refused_before_the_provider_is_made(project):
    project.breaking("")
    lasting = {"saml-certificate-lasts": {"minimumDays": 100_000}}
    assert project.judged("preview", **lasting).code == 0, "the metadata is not known yet"

    verdict = project.judged(*UP, **lasting)

    assert verdict.code != 0
    assert verdict.rules("mandatory") == {"saml-certificate-lasts"}, verdict.said
