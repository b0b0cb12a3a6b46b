"""SAML providers."""

import re

import grpc
import pytest

from sandbox.faults import Fault
from sandbox.okta.server import LocalOkta

KIND = "aws:iam/samlProvider:SamlProvider"
ARN = "arn:aws:iam::123456789012:saml-provider/Okta"


@pytest.fixture(scope="module")
def documents():
    """Metadata of two apps."""
    with LocalOkta() as local:
        import httpx

        client = httpx.Client(
            base_url=local.url, headers={"Authorization": f"SSWS {local.token}"}, trust_env=False
        )
        found = []
        for label in ("one", "two"):
            body = {"name": "amazon_aws", "label": label, "signOnMode": "SAML_2_0"}
            app = client.post("/api/v1/apps", json=body).raise_for_status().json()
            path = f"/api/v1/apps/{app['id']}/sso/saml/metadata"
            found.append(client.get(path, headers={"Accept": "application/xml"}).text)
        return found


def test_a_provider_shows_what_the_published_plugin_shows(aws, documents):
    thing = aws.create(KIND, name="Okta", samlMetadataDocument=documents[0])

    outputs = dict(thing.outputs)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", outputs.pop("validUntil"))
    assert outputs.pop("samlProviderUuid")
    assert outputs == {
        "id": ARN,
        "arn": ARN,
        "name": "Okta",
        "samlMetadataDocument": documents[0],
        "tags": {},
        "tagsAll": {},
    }
    assert aws.refresh(thing) == thing
    assert aws.adopt(KIND, ARN).outputs == thing.outputs


def test_new_metadata_and_tags_update_it_and_a_new_name_replaces_it(aws, cloud, calls, documents):
    given = {"name": "Okta", "samlMetadataDocument": documents[0], "tags": {"a": "1", "b": "2"}}
    thing = aws.create(KIND, **given)
    changed = given | {"samlMetadataDocument": documents[1], "tags": {"b": "3"}}
    assert aws.changes(thing, **changed) == {"samlMetadataDocument", "tags", "tagsAll"}
    calls.clear()

    thing = aws.update(thing, **changed)

    assert calls == [
        "UpdateSAMLProvider",
        "UntagSAMLProvider",
        "TagSAMLProvider",
        "GetSAMLProvider",
    ]
    stored = cloud.iam.get_saml_provider(SAMLProviderArn=ARN)
    assert stored["SAMLMetadataDocument"] == documents[1]
    assert stored["Tags"] == [{"Key": "b", "Value": "3"}]
    answer = aws.diff(thing, **changed | {"name": "Other"})
    assert set(answer.replaces) == {"name"}
    assert answer.deleteBeforeReplace


def test_metadata_that_is_too_short_is_refused_before_any_call_and_shown_whole(aws, calls):
    with pytest.raises(ValueError, match="expected length of saml_metadata_document") as refusal:
        aws.check(KIND, name="Okta", samlMetadataDocument="<short/>")

    assert str(refusal.value) == (
        "expected length of saml_metadata_document to be in the range (1000 - 10000000), "
        "got <short/>"
    )
    assert calls == []


def test_a_name_that_aws_would_not_take_is_refused(aws, documents):
    with pytest.raises(ValueError, match=r"invalid value for name \(must match \[\\w\._-\]\)"):
        aws.check(KIND, name="Okta!", samlMetadataDocument=documents[0])


def test_a_provider_deleted_by_hand_is_forgotten(aws, cloud, documents):
    thing = aws.create(KIND, name="Okta", samlMetadataDocument=documents[0])
    cloud.iam.delete_saml_provider(SAMLProviderArn=ARN)

    assert aws.refresh(thing) is None
    aws.delete(thing)


def test_a_provider_that_is_not_seen_yet_is_not_waited_for(aws, cloud, documents):
    """As in the published provider: of all kinds that the program makes, only this one."""
    cloud.local.cloud.faults.add(Fault(effect="lag", operation="iam:CreateSAMLProvider"))
    with pytest.raises(grpc.RpcError, match="is not to be found"):
        aws.create(KIND, name="Okta", samlMetadataDocument=documents[0])
