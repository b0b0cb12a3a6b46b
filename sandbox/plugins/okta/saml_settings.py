"""How a SAML app's settings are sent, read and compared, and what is taken from its metadata.

Catalogue apps take the switches of custom apps and do not keep them; sent they are all the same.
"""

import json
from typing import Any
from xml.etree import ElementTree

import httpx

from sandbox.plugins.okta.errors import OktaError
from sandbox.plugins.schema import LIST, TEXT, Values, ValueType, compact, parsed

SIGN_ON = {
    "audience": "audience",
    "authnContextClassRef": "authnContextClassRef",
    "destination": "destination",
    "digestAlgorithm": "digestAlgorithm",
    "idpIssuer": "idpIssuer",
    "recipient": "recipient",
    "signatureAlgorithm": "signatureAlgorithm",
    "ssoUrl": "ssoAcsUrl",
    "subjectNameIdFormat": "subjectNameIdFormat",
    "subjectNameIdTemplate": "subjectNameIdTemplate",
}
"""Argument -> key in `settings.signOn`, for text that is left out when empty."""
SWITCHES = ("assertionSigned", "honorForceAuthn", "responseSigned", "samlSignedRequestEnabled")
ALWAYS_SENT = ("audienceOverride", "destinationOverride", "recipientOverride", "ssoAcsUrlOverride")

UNSPECIFIED = "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified"


def _settings_key(text: Any) -> Any:
    """A switch that is off is the same as one that is not there; a null is not."""
    value = parsed(text)
    if not isinstance(value, dict):
        return value
    return {name: inner for name, inner in value.items() if inner is not False}


def _statements_key(statements: list[Any]) -> list[Any]:
    return [_statement(one) for one in statements]


def _statement(one: Values) -> Values:
    """With its defaults, and without what is empty."""
    full = {"type": "EXPRESSION", "namespace": UNSPECIFIED} | one
    return {name: value for name, value in full.items() if value not in ("", None, [])}


APP_SETTINGS = ValueType(
    name="JSON", zero="", accept=TEXT.accept, comparison_key=_settings_key, canonical=compact
)
STATEMENTS = ValueType(
    name="list",
    zero=[],
    accept=LIST.accept,
    comparison_key=_statements_key,
    canonical=_statements_key,
)

REFUSED = (
    "acsEndpoints",
    "acsEndpointsIndices",
    "inlineHookId",
    "singleLogoutCertificate",
    "singleLogoutIssuer",
    "singleLogoutUrl",
)
"""Arguments that are not implemented. `requestCompressed` and `spIssuer` are: nobody sends them."""


def body(inputs: Values) -> Values:
    """`settings.signOn` as it is sent."""
    return {
        "allowMultipleAcsEndpoints": False,
        "attributeStatements": [_statement(one) for one in inputs.get("attributeStatements", [])],
        "defaultRelayState": inputs.get("defaultRelayState", ""),
        "slo": {"enabled": False},
        **{name: inputs.get(name, False) for name in SWITCHES},
        **dict.fromkeys(ALWAYS_SENT, ""),
        **{key: inputs[name] for name, key in SIGN_ON.items() if inputs.get(name)},
    }


def outputs(settings: Values) -> Values:
    """What is read of `settings`; the overrides, which nothing above writes, are not."""
    sign_on = settings.get("signOn") or {}
    kept = {name: v for name, v in (settings.get("app") or {}).items() if v not in (None, "")}
    return {
        "appSettingsJson": compact(json.dumps(kept)),
        "attributeStatements": _statements_key(sign_on.get("attributeStatements") or []),
        "defaultRelayState": sign_on.get("defaultRelayState") or "",
        **{name: bool(sign_on.get(name)) for name in SWITCHES},
        **{name: sign_on.get(key) or "" for name, key in SIGN_ON.items()},
    }


def statement_failures(inputs: Values) -> list[str]:
    failures = []
    for one in inputs.get("attributeStatements", []):
        is_group = one.get("type") == "GROUP"
        if (one.get("filterType") or one.get("filterValue")) and not is_group:
            failures.append(
                "invalid 'attribute_statements': when setting 'filter_value' or 'filter_type', "
                "value of 'type' should be set to 'GROUP'"
            )
        if is_group and one.get("values"):
            failures.append(
                "invalid 'attribute_statements': when setting 'values', 'type' should be set to "
                "'EXPRESSION'"
            )
    return failures


METADATA = "{urn:oasis:names:tc:SAML:2.0:metadata}"
CERTIFICATE = "{http://www.w3.org/2000/09/xmldsig#}X509Certificate"
BINDINGS = {
    "httpPostBinding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
    "httpRedirectBinding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect",
}


def metadata_text(answer: httpx.Response) -> str:
    """The document, if the org says that it is one."""
    kind = answer.headers.get("Content-Type", "")
    if "application/xml" not in kind:
        raise OktaError(f"could not parse a response of type '{kind}'", answer.status_code)
    return answer.text


def metadata_outputs(document: str, issuer_pattern: str) -> Values:
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
