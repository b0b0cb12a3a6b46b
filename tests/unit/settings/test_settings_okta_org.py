"""The org that a stack file pins, and the variables that a run is started with."""

import os

import pytest

import component_args
from sandbox import bootstrap
from sandbox.workspace import ROOT, Workspace
from settings.errors import format_error

ACME = {"OKTA_ORG_NAME": "acme"}
LOCAL = {"OKTA_HTTP_PROXY": "http://127.0.0.1:4000"}


@pytest.fixture
def pinned(stack):
    def pinned(**okta):
        return stack(okta=okta).okta

    return pinned


@pytest.mark.parametrize(
    ("okta", "variables"),
    [
        ({"org": "acme"}, ACME),
        ({"org": "acme"}, ACME | {"OKTA_BASE_URL": "okta.com"}),
        ({"org": "acme"}, {"OKTA_ORG_NAME": "ACME", "OKTA_BASE_URL": "Okta.com"}),
        (
            {"org": "acme", "baseUrl": "oktapreview.com"},
            ACME | {"OKTA_BASE_URL": "oktapreview.com"},
        ),
        ({"org": "acme"}, {}),
        ({"org": "acme"}, ACME | LOCAL),
        ({}, {"OKTA_ORG_NAME": "other", "OKTA_HTTP_PROXY": "http://proxy.example.com"}),
    ],
)
def test_the_pinned_org_is_called(pinned, okta, variables):
    assert pinned(**okta).other_org(variables) is None


@pytest.mark.parametrize(
    ("okta", "variables", "rule"),
    [
        ({"org": "acme"}, {"OKTA_ORG_NAME": "acme-dev"}, "say, acme-dev.okta.com"),
        ({"org": "acme"}, ACME | {"OKTA_BASE_URL": "oktapreview.com"}, "say, acme.oktapreview.com"),
        ({"org": "acme", "baseUrl": "oktapreview.com"}, ACME, "say, acme.okta.com"),
        ({"org": "acme"}, {"OKTA_ORG_NAME": "acme-admin"}, "say, acme-admin.okta.com"),
        ({"org": "acme"}, {"OKTA_ORG_NAME": "other"} | LOCAL, "say, other.okta.com"),
        (
            {"org": "acme"},
            ACME | {"OKTA_HTTP_PROXY": "http://proxy.example.com:8080"},
            "can't be compared with the org that OKTA_HTTP_PROXY leads to",
        ),
    ],
)
def test_another_org_is_refused_in_one_line(pinned, okta, variables, rule):
    line = format_error(pinned(**okta).other_org(variables))

    assert line.startswith("okta-aws-federation:okta.org = 'acme.okta")
    assert rule in line
    assert "\n" not in line


@pytest.mark.parametrize("org", ["acme-admin", "acme.okta.com", "https://acme", "", "-acme"])
def test_an_org_is_a_name_alone(refused, org):
    assert "okta.org" in refused("okta.org", org)


@pytest.mark.parametrize("base_url", ["https://okta.com", "okta", "okta.com/"])
def test_a_base_url_is_a_domain(refused, base_url):
    assert "okta.baseUrl" in refused("okta", {"org": "acme", "baseUrl": base_url})


def test_a_base_url_without_org_pins_nothing_and_is_refused(refused):
    assert "has baseUrl and no org" in refused("okta", {"baseUrl": "okta.com"})


def test_the_provider_is_given_the_pinned_org_so_that_no_variable_decides(stack):
    pinned = component_args.okta_provider_args(stack(okta={"org": "acme"}))
    free = component_args.okta_provider_args(stack(okta={}))

    assert (pinned.org_name, pinned.base_url) == ("acme", "okta.com")
    assert free.org_name == os.environ.get("OKTA_ORG_NAME")


@pytest.mark.parametrize(
    ("section", "variables"),
    [
        ("{ org: acme }", {"OKTA_ORG_NAME": "acme", "OKTA_BASE_URL": "okta.com"}),
        ("{ org: sandbox, baseUrl: okta.test }", {}),
        ("{}", {}),
    ],
)
def test_the_sandbox_stands_in_for_the_pinned_org(tmp_path, section, variables):
    workspace = Workspace(tmp_path)
    workspace.project.mkdir(parents=True)
    text = (ROOT / "Pulumi.dev.yaml").read_text() + f"  okta-aws-federation:okta: {section}\n"
    (workspace.project / "Pulumi.dev.yaml").write_text(text)

    assert bootstrap.pinned_org(workspace, "123456789012") == variables
    assert bootstrap.pinned_org(workspace, "999999999999") == {}
