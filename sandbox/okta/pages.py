"""Pages of a person: signing in and out, and the tiles of their apps."""

from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sandbox.okta import app_body, catalogue, forms, roles, sign_in
from sandbox.okta.authentication import SESSION_COOKIE
from sandbox.okta.models import SamlApp, Session, User
from sandbox.okta.org import Org, org_of
from sandbox.okta.rendering import SIGN_IN, SignInRequired, page
from sandbox.okta.routing import Routes
from sandbox.okta.sessions import with_cookie

HOME = "/app/UserHome"
REFUSED = "Unable to sign in"
LOCKED = "Your account is locked. Please contact your administrator."

ROUTES = Routes()


@ROUTES.on("GET", "/")
def front_door(session: Session | None) -> Response:
    return RedirectResponse(HOME if session else SIGN_IN, 302)


@ROUTES.on("GET", SIGN_IN)
def sign_in_form(request: Request) -> Response:
    return _sign_in_page(request, own_path(request.query_params.get("fromURI", "")))


@ROUTES.on("POST", SIGN_IN)
def sign_in_post(request: Request, org: Org, form: FormData) -> Response:
    """Begin a session and go where the person wanted to; on refusal say so, as Okta does."""
    destination = own_path(forms.field(form, "fromURI"))
    forms.check(org, request, form, forms.GUEST_COOKIE)
    login, password = forms.field(form, "username"), forms.field(form, "password")
    try:
        user = sign_in.authenticate(org, login, password)
    except sign_in.SignInRefused as refused:
        shown = LOCKED if refused.locked and org.switches.show_lockout else REFUSED
        return _sign_in_page(request, destination, login=login, problem=shown)
    session = sign_in.begin(org, user)
    return with_cookie(RedirectResponse(destination or HOME, 303), session)


@ROUTES.on("POST", "/login/signout")
def sign_out(request: Request, org: Org, session: Session | None, form: FormData) -> Response:
    if session:
        forms.check(org, request, form)
        sign_in.end(org, session)
    response = RedirectResponse(SIGN_IN, 303)
    response.delete_cookie(SESSION_COOKIE)
    return response


@ROUTES.on("GET", HOME)
def home(request: Request, org: Org, session: Session | None) -> Response:
    """The person's apps as tiles."""
    if session is None:
        raise SignInRequired
    tiles = [
        {"label": app.label, "href": app_body.embed_link(org, app), "id": app.id}
        for app in apps_of(org, session.user)
    ]
    return page(request, "home.html", tiles=tiles)


@ROUTES.on("GET", "/api/v1/users/{user}/appLinks")
def app_links(org: Org, user: User) -> list[dict[str, Any]]:
    """The same tiles, for command-line clients."""
    return [
        {
            "id": app.id,
            "label": app.label,
            "linkUrl": app_body.embed_link(org, app),
            "appName": catalogue.NAME,
            "appInstanceId": app.id,
            "appAssignmentId": app.id,
            "credentialsSetup": False,
            "hidden": app.visibility["hide"]["web"],
            "sortOrder": place,
        }
        for place, app in enumerate(apps_of(org, user))
    ]


def apps_of(org: Org, user: User) -> list[SamlApp]:
    """The active apps that the person is assigned to and that are not hidden."""
    return [
        app
        for app in org.saml_apps
        if app.status == "ACTIVE"
        and not app.visibility["hide"]["web"]
        and roles.is_assigned(app, user)
    ]


def own_path(target: str) -> str:
    """The target if it is a path of this org, else nothing: no redirect leads elsewhere."""
    parts = urlsplit(target)
    local = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if local and not parts.scheme and not parts.netloc else ""


def _sign_in_page(
    request: Request, destination: str, *, login: str = "", problem: str = ""
) -> Response:
    org = org_of(request)
    guest = request.cookies.get(forms.GUEST_COOKIE) or forms.new_guest()
    response = page(
        request,
        "sign_in.html",
        status=401 if problem else 200,
        guest_token=forms.token(org, guest),
        destination=destination,
        login=login,
        problem=problem,
    )
    response.set_cookie(forms.GUEST_COOKIE, guest, httponly=True, samesite="lax")
    return response
