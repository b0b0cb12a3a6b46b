"""`okta.app.Saml`, as far as catalogue apps go."""

import json
from typing import Any
from xml.etree import ElementTree

from sandbox.plugins.okta.org import Org
from sandbox.plugins.protocol import CloudError, PartlyCreated
from sandbox.plugins.schema import Input, Kind, Values

METADATA = "{urn:oasis:names:tc:SAML:2.0:metadata}"
CERTIFICATE = "{http://www.w3.org/2000/09/xmldsig#}X509Certificate"


def settings_meaning(text: Any) -> Any:
    """Settings are the same if they differ in `false` only; an array's order counts."""
    if not isinstance(text, str):
        return text
    try:
        parsed = json.loads(text)
    except ValueError:
        return text
    return {key: value for key, value in parsed.items() if value is not False}


def statements_meaning(statements: Any) -> Any:
    """Attribute statements with what the provider fills in when a program leaves it out."""
    default = {"type": "EXPRESSION", "filterType": "", "filterValue": ""}
    return [default | statement for statement in statements or []]


def key_output(key: Values) -> Values:
    """A signing key as the published provider names its parts."""
    names = {"x5c": "x5cs", "x5t#S256": "x5tS256"}
    return {names.get(name, name): value for name, value in key.items()}


def body(inputs: Values, kid: str | None = None) -> Values:
    """An app as the published provider sends it, its defaults for custom apps included."""
    credentials: Values = {
        "userNameTemplate": {
            "template": inputs["userNameTemplate"],
            "type": inputs["userNameTemplateType"],
        }
    }
    if kid:
        credentials["signing"] = {"kid": kid}
    return {
        "accessibility": {"selfService": inputs.get("accessibilitySelfService", False)},
        "credentials": credentials,
        "label": inputs["label"],
        "name": inputs.get("preconfiguredApp"),
        "signOnMode": "SAML_2_0",
        "settings": {
            "app": json.loads(inputs.get("appSettingsJson") or "{}"),
            "implicitAssignment": inputs.get("implicitAssignment", False),
            "notes": {"admin": inputs.get("adminNote"), "enduser": inputs.get("enduserNote")},
            "signOn": sign_on(inputs),
        },
        "visibility": {
            "autoSubmitToolbar": inputs.get("autoSubmitToolbar", False),
            "hide": {"iOS": inputs.get("hideIos", False), "web": inputs.get("hideWeb", False)},
        },
    }


def sign_on(inputs: Values) -> Values:
    return {
        "allowMultipleAcsEndpoints": False,
        "assertionSigned": inputs.get("assertionSigned", False),
        "attributeStatements": inputs.get("attributeStatements", []),
        "audienceOverride": "",
        "defaultRelayState": inputs.get("defaultRelayState", ""),
        "destinationOverride": "",
        "honorForceAuthn": inputs.get("honorForceAuthn", False),
        "recipientOverride": "",
        "responseSigned": inputs.get("responseSigned", False),
        "samlSignedRequestEnabled": inputs.get("samlSignedRequestEnabled", False),
        "slo": {"enabled": False},
        "ssoAcsUrlOverride": "",
    }


def create(org: Org, inputs: Values) -> tuple[str, Values]:
    active = inputs["status"] == "ACTIVE"
    path = f"/api/v1/apps?activate={'true' if active else 'false'}"
    app = org.request("POST", path, json=body(inputs)).json()
    try:
        attach_policy(org, app["id"], inputs)
        sign_with_new_key(org, app, inputs)
        found = read(org, app["id"], {})
    except CloudError as error:
        raise PartlyCreated(app["id"], {}, str(error)) from error
    if found is None:
        raise PartlyCreated(app["id"], {}, "the app is not to be seen right after its creation")
    return app["id"], found


def attach_policy(org: Org, identifier: str, inputs: Values) -> None:
    """The sign-on policy that the program names; without one, the org's default stays.

    The published provider would look for the default policy unless told to skip it; the program
    always skips.
    """
    if inputs.get("authenticationPolicy"):
        policy = inputs["authenticationPolicy"]
        org.request("PUT", f"/api/v1/apps/{identifier}/policies/{policy}")


def sign_with_new_key(org: Org, app: Values, inputs: Values) -> None:
    if "keyName" in inputs:
        years = inputs.get("keyYearsValid", 2)
        path = f"/api/v1/apps/{app['id']}"
        generate = f"{path}/credentials/keys/generate"
        key = org.request("POST", generate, params={"validityYears": years}).json()
        org.request("PUT", path, json=body(inputs, key["kid"]))


def read(org: Org, identifier: str, state: Values) -> Values | None:
    app = org.find(f"/api/v1/apps/{identifier}")
    if app is None:
        return None
    kid = app["credentials"].get("signing", {}).get("kid", "")
    settings = {k: v for k, v in app["settings"]["app"].items() if v not in (None, "")}
    links = app.get("_links", {})
    found: Values = {
        "accessibilitySelfService": app["accessibility"]["selfService"],
        "appSettingsJson": json.dumps(settings, sort_keys=True, separators=(",", ":")),
        "attributeStatements": app["settings"].get("signOn", {}).get("attributeStatements", []),
        "autoSubmitToolbar": app["visibility"]["autoSubmitToolbar"],
        "embedUrl": next((link["href"] for link in links.get("appLinks", [])), ""),
        "features": app.get("features", []),
        "hideIos": app["visibility"]["hide"]["iOS"],
        "hideWeb": app["visibility"]["hide"]["web"],
        "keyId": kid,
        "keys": [
            key_output(key)
            for key in org.request("GET", f"/api/v1/apps/{identifier}/credentials/keys").json()
        ],
        "label": app["label"],
        "logoUrl": next((link["href"] for link in links.get("logo", [])), ""),
        "metadataUrl": links.get("metadata", {}).get("href", ""),
        "name": app["name"],
        "preconfiguredApp": app["name"],
        "signOnMode": app.get("signOnMode", ""),
        "status": app["status"],
        "userNameTemplate": app["credentials"]["userNameTemplate"]["template"],
        "userNameTemplateType": app["credentials"]["userNameTemplate"]["type"],
    }
    if kid and app["status"] != "INACTIVE":
        found |= from_metadata(metadata(org, identifier, kid))
    return found


def metadata(org: Org, identifier: str, kid: str) -> str:
    answer = org.request(
        "GET",
        f"/api/v1/apps/{identifier}/sso/saml/metadata",
        params={"kid": kid},
        headers={"Accept": "application/xml"},
    )
    if "application/xml" not in answer.headers["Content-Type"]:
        raise CloudError(f"metadata of app {identifier} is {answer.headers['Content-Type']}")
    return answer.text


def from_metadata(text: str) -> Values:
    root = ElementTree.fromstring(text)  # noqa: S314  (of the org that the plugin is told to trust)
    bindings = {
        service.get("Binding", "").rpartition(":")[2]: service.get("Location")
        for service in root.iter(f"{METADATA}SingleSignOnService")
    }
    certificate = next(root.iter(CERTIFICATE))
    entity = root.get("entityID", "")
    return {
        "certificate": certificate.text,
        "entityKey": entity.rpartition("/")[2],
        "entityUrl": entity,
        "httpPostBinding": bindings.get("HTTP-POST"),
        "httpRedirectBinding": bindings.get("HTTP-Redirect"),
        "metadata": text,
    }


def update(org: Org, identifier: str, old: Values, new: Values) -> Values:
    path = f"/api/v1/apps/{identifier}"
    if old["status"] != new["status"]:
        verb = "activate" if new["status"] == "ACTIVE" else "deactivate"
        org.request("POST", f"{path}/lifecycle/{verb}")
        if body(old) == body(new):
            return {"status": new["status"]}
    org.request("PUT", path, json=body(new, old.get("keyId")))
    attach_policy(org, identifier, new)
    if new.get("keyName") != old.get("keyName"):
        sign_with_new_key(org, {"id": identifier}, new)
    return read(org, identifier, new) or {}


def delete(org: Org, identifier: str, state: Values) -> None:
    path = f"/api/v1/apps/{identifier}"
    if state["status"] == "ACTIVE":
        org.request("POST", f"{path}/lifecycle/deactivate")
    org.request("DELETE", path)


COMPUTED = (
    "certificate",
    "embedUrl",
    "entityKey",
    "entityUrl",
    "features",
    "httpPostBinding",
    "httpRedirectBinding",
    "keyId",
    "keys",
    "logoUrl",
    "metadata",
    "metadataUrl",
    "name",
    "signOnMode",
)

KINDS = (
    Kind(
        type="okta:app/saml:Saml",
        inputs=(
            Input("accessibilitySelfService"),
            Input("adminNote"),
            Input("appSettingsJson", meaning=settings_meaning),
            Input("attributeStatements", meaning=statements_meaning),
            Input("authenticationPolicy"),
            Input("autoSubmitToolbar"),
            Input("enduserNote"),
            Input("hideIos"),
            Input("hideWeb"),
            Input("honorForceAuthn"),
            Input("keyName"),
            Input("keyYearsValid"),
            Input("label", required=True),
            Input("preconfiguredApp", replaces=True),
            Input("skipAuthenticationPolicy"),
            Input("status", default="ACTIVE"),
            Input("userNameTemplate", default="${source.login}"),
            Input("userNameTemplateType", default="BUILT_IN"),
        ),
        outputs=COMPUTED,
        create=create,
        read=read,
        update=update,
        delete=delete,
    ),
)
