"""From an app's tile to AWS: the embed link and the page that posts the SAML response."""

import base64
import hashlib
import re
from urllib.parse import quote, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sandbox.okta import (
    app_bodies,
    catalogue,
    group_rules,
    metadata,
    pages,
    policies,
    roles,
    saml,
    sign_in,
)
from sandbox.okta.expressions import parse
from sandbox.okta.models import App, SamlApp, Session, User
from sandbox.okta.org import Org
from sandbox.okta.rendering import PageRefused, page
from sandbox.okta.routing import Routes
from sandbox.okta.saml_apps import URI_NAMES
from sandbox.okta.sessions import with_cookie

ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"
BASIC_NAMES = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"

DENIED = "Your organization's sign-on policy does not let you into this app."
AUTO_POST = "document.forms[0].submit()"
AUTO_POST_SOURCE = (
    "'sha256-" + base64.b64encode(hashlib.sha256(AUTO_POST.encode()).digest()).decode() + "'"
)

ROUTES = Routes()


@ROUTES.on("GET", f"/home/{catalogue.NAME}/{{app}}/{catalogue.CATALOGUE_NUMBER}")
def embed_link(request: Request, org: Org) -> Response:
    """The address of the app's tile."""
    app = org.apps.get(request.path_params["app"])
    if not isinstance(app, SamlApp):
        raise PageRefused(404, "Page not found", "There is no app at this address.")
    path = f"/app/{catalogue.NAME}/{app.external_key}/sso/saml?fromHome=true"
    one_time = request.query_params.get("sessionToken")
    extra = "&" + urlencode({"sessionToken": one_time}) if one_time else ""
    return RedirectResponse(path + extra, 302)


@ROUTES.on("GET POST", f"/app/{catalogue.NAME}/{{key}}/sso/saml")
def single_sign_on(request: Request, org: Org, session: Session | None) -> Response:
    """The form that carries the person to AWS.

    Without a session the person is sent to sign in and comes back; a `sessionToken` in the
    query begins one.
    """
    one_time = request.query_params.get("sessionToken")
    if session is None and one_time:
        session = sign_in.redeem(org, one_time)
    if session is None:
        return RedirectResponse(f"/login/login.htm?fromURI={quote(request.url.path)}", 302)
    app = _app(request, org)
    refuse_entry(org, app, session)
    if policies.decide(org, app, session) == "second factor":
        return with_cookie(pages.challenge(request, session), session)
    response = post_page(request, org, app, session.user)
    return with_cookie(response, session) if one_time else response


def post_page(request: Request, org: Org, app: SamlApp, user: User) -> Response:
    """The page whose form posts the person's SAML response to AWS."""
    relay_state = request.query_params.get("RelayState") or app.sign_on["defaultRelayState"]
    return page(
        request,
        "saml_post.html",
        script=AUTO_POST_SOURCE,
        auto_post=AUTO_POST,
        action=action(org, app),
        form_action=_origin(action(org, app)),
        saml_response=base64.b64encode(issue(org, app, user)).decode(),
        relay_state=relay_state or "",
    )


def issue(org: Org, app: SamlApp, user: User) -> bytes:
    """The signed SAML response for this person and app."""
    user_name = user_name_of(app, user)
    sign_in_url = app.sign_on["ssoAcsUrlOverride"] or catalogue.sign_in_url(app.settings)
    claims = saml.Claims(
        issuer=metadata.issuer(app),
        subject=user_name,
        sign_in_url=sign_in_url,
        audience=app.sign_on["audienceOverride"] or catalogue.audience(app.settings),
        attributes=[*_aws_attributes(org, app, user, user_name), *_statements(app, user)],
    )
    return saml.response(claims, app.signing_key, org.clock())


def action(org: Org, app: SamlApp) -> str:
    """Where the form posts: AWS's sign-in page, or the org's own copy of it.

    Over HTTPS the real address, which the sandbox's proxy leads to the copy. Without the proxy the
    copy's own address; it ends as the real one does, because command-line clients look for that.
    """
    real = catalogue.sign_in_url(app.settings)
    if org.url == org.public_url:
        return real
    parts = urlsplit(real)
    return f"{org.url}/{parts.netloc}{parts.path}"


def refuse_entry(org: Org, app: SamlApp, session: Session) -> None:
    """Raises PageRefused, with Okta's words, for who may not enter the app now."""
    if app.status != "ACTIVE":
        message = f"{app.label} is deactivated. Please contact your administrator."
        raise PageRefused(403, "App Not Active", message)
    if not roles.is_assigned(app, session.user):
        message = (
            f"Sorry, you can't access {app.label} because you are not assigned this app in Okta. "
            "If you're wondering why this is happening, please contact your administrator."
        )
        raise PageRefused(403, "App Not Assigned", message)
    if policies.decide(org, app, session) == "deny":
        raise PageRefused(403, "Access Denied", DENIED)


def user_name_of(app: App, user: User) -> str:
    """The person's name in the app: of a direct assignment, or else by the app's template."""
    if user.id in app.users:
        return app.users[user.id].user_name
    template = str(app.user_name_template["template"])
    context = group_rules.context_of(user)
    if app_bodies.is_expression(app.user_name_template):
        return str(parse(template)(context) or "")
    return re.sub(
        r"\$\{([^}]*)\}", lambda evaluated: str(parse(evaluated[1])(context) or ""), template
    )


def _aws_attributes(org: Org, app: SamlApp, user: User, user_name: str) -> list[saml.Attribute]:
    pairs = [str(pair) for pair in roles.of(app, user)]
    if org.switches.role_paths == "dropped":
        pairs = [re.sub(r":role/.*/", ":role/", pair) for pair in pairs]
    if org.switches.plus_in_session_name == "space":
        user_name = user_name.replace("+", " ")
    duration = app.settings["sessionDuration"]
    role = [saml.Attribute(ATTRIBUTES + "Role", pairs, URI_NAMES)] if pairs else []
    named = saml.Attribute(ATTRIBUTES + "RoleSessionName", [user_name], BASIC_NAMES)
    if duration is None:
        return [*role, named]
    seconds = saml.Attribute(ATTRIBUTES + "SessionDuration", [str(duration)], BASIC_NAMES)
    return [*role, named, seconds]


def _statements(app: SamlApp, user: User) -> list[saml.Attribute]:
    """The app's own attribute statements: session tags, a source identity. Empty ones stay out."""
    context = group_rules.context_of(user)
    attributes = []
    for statement in app.sign_on["attributeStatements"]:
        if statement["type"] == "GROUP":
            values = [name for name in context["groups"] if _group_passes(statement, name)]
        else:
            evaluated = [parse(str(value))(context) for value in statement["values"]]
            values = [str(value) for value in evaluated if value not in (None, "")]
        if values:
            attributes.append(saml.Attribute(statement["name"], values, statement["namespace"]))
    return attributes


def _group_passes(statement: dict[str, str], name: str) -> bool:
    wanted = statement["filterValue"]
    return {
        "STARTS_WITH": lambda: name.startswith(wanted),
        "EQUALS": lambda: name == wanted,
        "CONTAINS": lambda: wanted in name,
        "REGEX": lambda: re.fullmatch(wanted, name) is not None,
    }[statement["filterType"]]()


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _app(request: Request, org: Org) -> SamlApp:
    key = request.path_params["key"]
    app = next((app for app in org.saml_apps if app.external_key == key), None)
    if app is None:
        raise PageRefused(404, "Page not found", "There is no app at this address.")
    return app
