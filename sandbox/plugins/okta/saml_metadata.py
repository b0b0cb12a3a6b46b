"""What the provider takes from an app's SAML metadata."""

from xml.etree import ElementTree

import httpx

from sandbox.plugins.okta.errors import OktaError
from sandbox.plugins.schema import Values

METADATA = "{urn:oasis:names:tc:SAML:2.0:metadata}"
CERTIFICATE = "{http://www.w3.org/2000/09/xmldsig#}X509Certificate"
BINDINGS = {
    "httpPostBinding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
    "httpRedirectBinding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect",
}


def text_of(answer: httpx.Response) -> str:
    """The document, if the org says that it is one."""
    kind = answer.headers.get("Content-Type", "")
    if "application/xml" not in kind:
        raise OktaError(f"could not parse a response of type '{kind}'", answer.status_code)
    return answer.text


def outputs(document: str, issuer_pattern: str) -> Values:
    try:
        # It comes from the org that the plugin was told to trust, and expat bounds entities.
        root = ElementTree.fromstring(document)  # noqa: S314
    except ElementTree.ParseError as error:
        raise OktaError(f"failed to parse app's SAML metadata: {error}", 0) from error
    entity = root.get("entityID", "")
    services = {
        service.get("Binding"): service.get("Location", "")
        for service in root.iter(f"{METADATA}SingleSignOnService")
    }
    return {
        "certificate": root.findtext(f".//{METADATA}KeyDescriptor//{CERTIFICATE}", ""),
        "entityKey": external_key(entity, issuer_pattern),
        "entityUrl": entity,
        **{name: services.get(binding, "") for name, binding in BINDINGS.items()},
    }


def external_key(entity: str, issuer_pattern: str) -> str:
    """What stands for `${org.externalKey}` in the entity id; all of it where no pattern is."""
    before, _, rest = issuer_pattern.partition("${")
    return entity.removeprefix(before).removesuffix(rest.partition("}")[2])
