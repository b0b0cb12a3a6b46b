"""The signed response, judged by python3-saml and read as AWS reads it."""

import base64
import re
from datetime import datetime

import pytest
from lxml import etree
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings

from sandbox.aws.sign_in import BY_NAME, audiences
from sandbox.errors import SandboxError
from sandbox.person import role_pairs, saml_response

ADA = "ada@example.com"
ACS = "https://signin.aws.amazon.com/saml"
NAMES = {
    "p": "urn:oasis:names:tc:SAML:2.0:protocol",
    "a": "urn:oasis:names:tc:SAML:2.0:assertion",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}
AWS = "https://aws.amazon.com/SAML/Attributes/"


def with_roles(api, *roles, **settings):
    """An app whose group of Ada has these roles."""
    app = api.new_app(**settings)
    group = api.new_group("AWSDeveloper", ADA)
    api.assign(app["id"], group, profile={"role": None, "samlRoles": list(roles)})
    return app


def enter(api, app, login=ADA):
    """The response that the person's browser would post, as base64."""
    link = app["_links"]["appLinks"][0]["href"]
    return saml_response(link, login, api.okta.people[login].password)


def parsed(response):
    return etree.fromstring(base64.b64decode(response))


def attributes(response):
    return {
        one.get("Name").removeprefix(AWS): [value.text for value in one]
        for one in parsed(response).iterfind(".//a:Attribute", NAMES)
    }


def judged(response, certificate, *, audience="urn:amazon:webservices"):
    """python3-saml's reasons to refuse the response; none if it takes it."""
    document = parsed(response)
    settings = OneLogin_Saml2_Settings(
        {
            "strict": True,
            "sp": {"entityId": audience, "assertionConsumerService": {"url": ACS}},
            "idp": {
                "entityId": document.findtext("a:Issuer", namespaces=NAMES),
                "singleSignOnService": {"url": "http://127.0.0.1/sso"},
                "x509cert": certificate,
            },
            "security": {"wantMessagesSigned": True, "wantAssertionsSigned": True},
        },
        sp_validation_only=True,
    )
    request = {
        "https": "on",
        "http_host": "signin.aws.amazon.com",
        "script_name": "/saml",
        "get_data": {},
        "post_data": {},
    }
    response = OneLogin_Saml2_Response(settings, response)
    response.is_valid(request)
    return response.get_error()


def certificates(api, app):
    return [key["x5c"][0] for key in api.call("GET", f"/apps/{app['id']}/credentials/keys")]


def test_an_independent_judge_takes_the_response(lax):
    app = with_roles(lax, "OktaDeveloper")
    [certificate] = certificates(lax, app)

    assert judged(enter(lax, app), certificate) is None


def test_the_judge_refuses_it_forged_or_for_another_key(lax):
    app = with_roles(lax, "OktaDeveloper")
    other = lax.new_app()
    response = enter(lax, app)
    forged = base64.b64decode(response).replace(b"OktaDeveloper", b"OktaDestroyer")

    assert judged(base64.b64encode(forged).decode(), certificates(lax, app)[0])
    assert judged(response, certificates(lax, other)[0])


def test_response_and_assertion_are_each_signed_with_rsa_sha256(lax):
    document = parsed(enter(lax, with_roles(lax, "OktaDeveloper")))

    methods = document.findall(".//ds:SignatureMethod", NAMES)
    assert [one.get("Algorithm")[-10:] for one in methods] == ["rsa-sha256", "rsa-sha256"]
    for signed in (document, document.find("a:Assertion", NAMES)):
        assert [one.tag.rpartition("}")[2] for one in signed][:2] == ["Issuer", "Signature"]
        reference = signed.find("ds:Signature/ds:SignedInfo/ds:Reference", NAMES)
        assert reference.get("URI") == "#" + signed.get("ID")


def test_it_is_addressed_as_aws_demands(lax):
    app = with_roles(lax, "OktaDeveloper")
    document = parsed(enter(lax, app))

    assert document.get("Destination") == ACS
    [data] = document.findall(".//a:SubjectConfirmationData", NAMES)
    assert data.get("Recipient") == ACS
    assert document.findtext(".//a:Audience", namespaces=NAMES) == "urn:amazon:webservices"
    assert document.findtext(".//a:NameID", namespaces=NAMES) == ADA
    metadata = lax.client.get(f"/api/v1/apps/{app['id']}/sso/saml/metadata").text
    issuer = document.findtext("a:Issuer", namespaces=NAMES)
    assert f'entityID="{issuer}"' in metadata


def test_it_holds_for_five_minutes_either_way(lax):
    conditions = parsed(enter(lax, with_roles(lax, "A"))).find(".//a:Conditions", NAMES)

    window = [datetime.fromisoformat(conditions.get(n)) for n in ("NotBefore", "NotOnOrAfter")]
    assert (window[1] - window[0]).total_seconds() == 600


def test_it_says_role_session_name_and_duration(lax):
    response = enter(lax, with_roles(lax, "OktaDeveloper", sessionDuration=7200))

    assert attributes(response) == {
        "Role": [
            "arn:aws:iam::123456789012:saml-provider/Okta,"
            "arn:aws:iam::123456789012:role/OktaDeveloper"
        ],
        "RoleSessionName": [ADA],
        "SessionDuration": ["7200"],
    }


def test_a_person_without_roles_gets_a_response_without_any(lax):
    assert "Role" not in attributes(enter(lax, with_roles(lax)))


def test_the_form_posts_to_the_sandboxes_own_sign_in_page(lax, browser):
    app = with_roles(lax, "OktaDeveloper")
    page = browser.open(app["_links"]["appLinks"][0]["href"])
    page = browser.submit(
        page,
        page.form_with("password"),
        {"username": ADA, "password": lax.okta.people[ADA].password},
    )

    form = page.form_with("SAMLResponse")
    assert form.action == f"{lax.okta.url}/signin.aws.amazon.com/saml"
    assert re.search(r"signin\.aws\.amazon\.com/saml$", form.action), "clients look for this"
    assert form.fields["RelayState"] == ""


def test_attribute_statements_become_session_tags_and_source_identity(lax):
    app = with_roles(lax, "OktaDeveloper")
    lax.call(
        "POST",
        f"/users/{lax.user_id(ADA)}",
        json={"profile": {"department": "Engines", "costCenter": ""}},
    )
    body = lax.app_body()
    body["settings"]["signOn"]["attributeStatements"] = [
        {"type": "EXPRESSION", "name": f"{AWS}SourceIdentity", "values": ["user.login"]},
        {"type": "EXPRESSION", "name": f"{AWS}PrincipalTag:Team", "values": ["user.department"]},
        {"type": "EXPRESSION", "name": f"{AWS}PrincipalTag:Cost", "values": ["user.costCenter"]},
        {
            "type": "GROUP",
            "name": "groups",
            "filterType": "STARTS_WITH",
            "filterValue": "AWS",
        },
    ]
    answer = lax.call("PUT", f"/apps/{app['id']}", json=body)
    assert len(answer["settings"]["signOn"]["attributeStatements"]) == 4

    found = attributes(enter(lax, app))

    assert found["SourceIdentity"] == [ADA]
    assert found["PrincipalTag:Team"] == ["Engines"]
    assert found["groups"] == ["AWSDeveloper"]
    assert "PrincipalTag:Cost" not in found, "AWS refuses an empty tag"


@pytest.mark.parametrize(
    "statement",
    [
        {"type": "EXPRESSION", "name": "n", "values": ["nonsense("]},
        {"type": "EXPRESSION", "name": "n", "values": []},
        {"type": "EXPRESSION", "values": ["user.login"]},
        {"type": "GROUP", "name": "n", "filterType": "LIKE", "filterValue": "x"},
        {"type": "GROUP", "name": "n", "filterType": "REGEX", "filterValue": "("},
        {"type": "OTHER", "name": "n", "values": ["user.login"]},
        "text",
    ],
)
def test_an_attribute_statement_that_cannot_be_said_is_refused(api, statement):
    body = api.app_body()
    body["settings"]["signOn"]["attributeStatements"] = [statement]

    assert api.refused("POST", "/apps", json=body)[:2] == (400, "E0000001")


@pytest.mark.parametrize(("number", "named"), [(0, False), (1, True)])
def test_the_key_that_the_app_names_signs(lax, number, named):
    """Roll-over: two certificates are active, one signs."""
    app = with_roles(lax, "OktaDeveloper")
    path = f"/apps/{app['id']}"
    new = lax.call("POST", f"{path}/credentials/keys/generate?validityYears=2")
    if named:
        body = lax.app_body()
        body["credentials"]["signing"] = {"kid": new["kid"]}
        lax.call("PUT", path, json=body)
    both = certificates(lax, app)

    response = enter(lax, app)

    assert judged(response, both[number]) is None
    assert judged(response, both[1 - number]), "the other certificate must not fit"
    shown = lax.client.get(f"/api/v1{path}/sso/saml/metadata", params={"kid": new["kid"]})
    assert both[1] in shown.text, "the new metadata is to be had before the change"


def test_other_environments_have_their_own_sign_in_address_and_audience(lax):
    app = with_roles(lax, "OktaDeveloper", awsEnvironmentType="amazonaws.cn")

    document = parsed(enter(lax, app))

    assert document.get("Destination") == "https://signin.amazonaws.cn/saml"
    audience = document.findtext(".//a:Audience", namespaces=NAMES)
    assert audience in audiences(BY_NAME["aws-cn"]), "or AWS refuses everybody there"


def test_an_audience_may_be_overridden(lax):
    app = with_roles(lax, "A")
    body = lax.app_body()
    body["settings"]["signOn"]["audienceOverride"] = ACS
    lax.call("PUT", f"/apps/{app['id']}", json=body)

    assert judged(enter(lax, app), certificates(lax, app)[0], audience=ACS) is None


# Which roles, by Okta's rules


def names(response):
    return [role.rpartition("/")[2] for role, _ in role_pairs(response)]


@pytest.fixture
def two_groups(lax):
    """Ada in two groups; the second has the smaller priority number."""
    app = lax.new_app()
    for name, priority in (("First", 2), ("Second", 1)):
        group = lax.new_group(name, ADA)
        lax.assign(app["id"], group, priority=priority, profile={"samlRoles": [name, "Both"]})
    return app


def test_of_several_groups_the_smallest_priority_number_counts(lax, two_groups):
    assert names(enter(lax, two_groups)) == ["Second", "Both"]


def test_combined_roles_are_those_of_all_groups_each_once(lax, two_groups):
    body = {"definitions": {"base": {"properties": {"samlRoles": {"union": "ENABLE"}}}}}
    lax.call("POST", f"/meta/schemas/apps/{two_groups['id']}/default", json=body)

    assert names(enter(lax, two_groups)) == ["Second", "Both", "First"]


@pytest.mark.parametrize(("join", "expected"), [(False, ["Own"]), (True, ["Own", "Group"])])
def test_a_direct_assignment_wins_unless_all_roles_are_joined(lax, join, expected):
    app = with_roles(lax, "Group", joinAllRoles=join)
    body = {"id": lax.user_id(ADA), "scope": "USER", "profile": {"samlRoles": ["Own"]}}
    lax.call("POST", f"/apps/{app['id']}/users", json=body)

    assert names(enter(lax, app)) == expected


def test_the_single_role_stands_in_where_there_are_no_saml_roles(lax):
    app = lax.new_app()
    lax.assign(app["id"], lax.new_group("g", ADA), profile={"role": "Single", "samlRoles": None})

    assert names(enter(lax, app)) == ["Single"]


def test_without_a_provider_no_role_can_be_named(lax):
    assert "Role" not in attributes(enter(lax, with_roles(lax, "A", identityProviderArn=None)))


def mapped(lax, *groups, **settings):
    app = lax.new_app(useGroupMapping=True, **settings)
    lax.assign(app["id"], lax.new_group("AWS people", ADA))
    for group in groups:
        lax.new_group(group, ADA)
    return app


def test_group_names_say_account_and_role(lax):
    app = mapped(lax, "aws_111111111111_Dev", "aws_222222222222_Ops+x", "aws_nobody_Dev", "other")

    assert role_pairs(enter(lax, app)) == [
        (f"arn:aws:iam::{account}:role/{role}", f"arn:aws:iam::{account}:saml-provider/OKTA")
        for account, role in (("111111111111", "Dev"), ("222222222222", "Ops+x"))
    ]


def test_the_documented_filter_with_hashes_works_too(lax):
    app = mapped(
        lax,
        "aws#team#Dev#111111111111",
        groupFilter=r"^aws\#\S+\#(?{{role}}[\w\-]+)\#(?{{accountid}}\d+)$",
    )

    assert names(enter(lax, app)) == ["Dev"]


def test_groups_of_other_sources_grant_nothing(lax):
    app = mapped(lax, "aws_111111111111_Dev", appFilter="active_directory")

    assert role_pairs(enter(lax, app)) == []


def test_a_directorys_group_grants_where_the_app_filter_names_its_source(lax):
    group = {"name": "aws_222222222222_Ops", "members": [ADA]}
    assert lax.client.post("/sandbox/directory-groups", json=group).status_code == 201
    both = mapped(lax, "aws_111111111111_Dev", appFilter="okta, active_directory")
    directory_only = lax.new_app(useGroupMapping=True, appFilter="active_directory")
    lax.assign(directory_only["id"], lax.new_group("assigned", ADA))

    assert names(enter(lax, both)) == ["Ops", "Dev"]
    assert names(enter(lax, directory_only)) == ["Ops"]


def test_mapping_needs_the_app_all_the_same(lax):
    app = mapped(lax)
    lax.new_group("aws_111111111111_Dev", "grace@example.com")

    with pytest.raises(SandboxError, match="App Not Assigned"):
        enter(lax, app, "grace@example.com")
