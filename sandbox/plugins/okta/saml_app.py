"""SAML apps: those of the catalogue, and custom ones."""

import json
from functools import partial

from sandbox.plugins.okta import app, saml_settings
from sandbox.plugins.okta.errors import OktaError, error_context
from sandbox.plugins.okta.org import Org
from sandbox.plugins.schema import Calls, Changed, Values
from sandbox.plugins.validation import json_text

MODES = {"2.0": "SAML_2_0", "1.1": "SAML_1_1"}
CUSTOM_NEEDS = (
    "audience",
    "authnContextClassRef",
    "destination",
    "digestAlgorithm",
    "recipient",
    "signatureAlgorithm",
    "ssoUrl",
    "subjectNameIdFormat",
    "subjectNameIdTemplate",
)
"""What an app that is not in the catalogue has to say itself."""


def create(org: Org, inputs: Values) -> tuple[str, Values]:
    with error_context("failed to create SAML application"):
        _refuse_invalid(inputs)
        identifier: str = app.post(org, _body(inputs, kid=None), inputs)["id"]
    with app.partly_created(identifier, inputs):
        _new_key(org, identifier, inputs)
        app.set_policy(org, identifier, inputs)
    return identifier, {}


def read(org: Org, identifier: str, state: Values) -> Values | None:
    path = f"{app.APPS}/{identifier}"
    with error_context("failed to get SAML application"):
        found = org.get_or_none(path)
    if found is None:
        return None
    links = found.get("_links") or {}
    outputs = app.outputs(org, found, state) | saml_settings.outputs(found["settings"])
    outputs |= {
        "embedUrl": app.first_link(links, "appLinks"),
        "features": sorted(found.get("features") or []),
        "preconfiguredApp": found["name"],
        "samlVersion": "1.1" if found.get("signOnMode") == MODES["1.1"] else "2.0",
    }
    kid = found["credentials"]["signing"].get("kid")
    if kid and found["status"] != "INACTIVE":
        metadata = _metadata(org, identifier, kid)
        issuer = (found["settings"].get("signOn") or {}).get("idpIssuer") or ""
        outputs |= {"keyId": kid, "metadata": metadata}
        outputs |= {"metadataUrl": (links.get("metadata") or {}).get("href", "")}
        outputs |= saml_settings.metadata_outputs(metadata, issuer)
    with error_context("failed to load existing keys for SAML application"):
        outputs["keys"] = [_key(one) for one in org.get(f"{path}/credentials/keys")]
    return outputs


def update(org: Org, identifier: str, state: Values, inputs: Values, changed: Changed) -> None:
    with error_context("failed to update SAML application"):
        _refuse_invalid(inputs)
        if "status" in changed:
            app.set_status(org, identifier, inputs["status"])
        if not app.reads_after_update(inputs, changed):
            return
        # The key is the one in the state: an update without a refresh undoes others' rotations.
        org.put(f"{app.APPS}/{identifier}", _body(inputs, state.get("keyId")))
    if "keyName" in changed:
        _new_key(org, identifier, inputs)
    app.set_policy(org, identifier, inputs)


def _new_key(org: Org, identifier: str, inputs: Values) -> None:
    """A named generation of the signing key is made, and the app signs with it from now on."""
    if not inputs.get("keyName"):
        return
    path, years = f"{app.APPS}/{identifier}", inputs["keyYearsValid"]
    with error_context("failed to create new certificate for SAML application"):
        key = org.post(f"{path}/credentials/keys/generate?validityYears={years}")
        org.put(path, _body(inputs, key["kid"]))


def _metadata(org: Org, identifier: str, kid: str) -> str:
    with error_context("failed to get app's SAML metadata"):
        answer = org.get_xml(f"{app.APPS}/{identifier}/sso/saml/metadata", kid=kid)
        return saml_settings.metadata_text(answer)


def _key(found: Values) -> Values:
    plain = ("created", "e", "expiresAt", "kid", "kty", "lastUpdated", "n", "use")
    key: Values = {name: found[name] for name in plain if name in found}
    return key | {"x5cs": found.get("x5c", []), "x5tS256": found.get("x5t#S256", "")}


def _body(inputs: Values, kid: str | None) -> Values:
    body = app.body(inputs)
    if kid:
        body["credentials"]["signing"] = {"kid": kid}
    if "appSettingsJson" in inputs:
        body["settings"]["app"] = json.loads(inputs["appSettingsJson"])
    body["settings"]["signOn"] = saml_settings.body(inputs)
    name = inputs.get("preconfiguredApp")
    return body | ({"name": name} if name else {}) | {"signOnMode": MODES[inputs["samlVersion"]]}


def _refuse_invalid(inputs: Values) -> None:
    """What the published plugin checks when it builds the app, and not in Check."""
    failures = saml_settings.statement_failures(inputs)
    if not inputs.get("preconfiguredApp"):
        missing = [name for name in CUSTOM_NEEDS if not inputs.get(name)]
        if missing:
            failures.append(f"Custom SAML applications must contain these fields: {missing}")
        elif not inputs.get("responseSigned") and not inputs.get("assertionSigned"):
            failures.append(
                "custom SAML apps must either have response_signed or assertion_signed set to true"
            )
    if failures:
        raise OktaError(failures[0], 0)


SAML_APP = app.resource(
    "okta:app/saml:Saml",
    Calls(create, read, update, partial(app.delete, what="SAML application")),
    saml_settings.REFUSED,
    appSettingsJson={"value_type": saml_settings.APP_SETTINGS, "valid": (json_text,)},
    attributeStatements={"value_type": saml_settings.STATEMENTS},
    samlVersion={"supported": tuple(MODES)},
)
