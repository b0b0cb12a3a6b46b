"""Pages of a person: signing in and out, a second factor, and the tiles of their apps."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sandbox.okta import app_bodies, catalogue, factors, forms, roles, sign_in
from sandbox.okta.authentication import SESSION_COOKIE
from sandbox.okta.errors import OktaError
from sandbox.okta.models import SamlApp, Session, User
from sandbox.okta.org import Org, org_of
from sandbox.okta.rendering import SIGN_IN, PageRefused, SignInRequired, page
from sandbox.okta.routing import Routes
from sandbox.okta.sessions import with_cookie

HOME = "/app/UserHome"
REFUSED = "Unable to sign in"
LOCKED = "Your account is locked. Please contact your administrator."
FACTOR_PAGE = "/signin/verify/okta/token"
NO_FACTOR = (
    "The app's sign-on policy asks for a second factor, and you have none. "
    "`python -m sandbox factor LOGIN` sets one up."
)

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
        {"label": app.label, "href": app_bodies.embed_link(org, app), "id": app.id}
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
            "linkUrl": app_bodies.embed_link(org, app),
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


def challenge(request: Request, session: Session) -> Response:
    """Send the person to show a factor and back. Raises PageRefused if there is none."""
    if factors.passcode_factor(session.user) is None:
        raise PageRefused(403, "Set up a second factor", NO_FACTOR)
    return RedirectResponse(f"{FACTOR_PAGE}?{urlencode({'fromURI': request.url.path})}", 302)


@ROUTES.on("GET", FACTOR_PAGE)
def show_factor(request: Request, session: Session | None) -> Response:
    if session is None:
        raise SignInRequired
    return _factor_page(request, own_path(request.query_params.get("fromURI", "")))


@ROUTES.on("POST", FACTOR_PAGE)
def submit_factor(request: Request, org: Org, session: Session | None, form: FormData) -> Response:
    """Check the code; ten wrong ones lock the person out, as wrong passwords do."""
    if session is None:
        raise SignInRequired
    forms.check(org, request, form)
    destination = own_path(forms.field(form, "fromURI"))
    factor = factors.passcode_factor(session.user)
    if factor is None:
        raise PageRefused(403, "Set up a second factor", NO_FACTOR)
    try:
        factors.require_passcode(org, factor, forms.field(form, "passCode").strip())
    except OktaError as refused:
        sign_in.count_wrong_code(org, session.user)
        return _factor_page(request, destination, problem=refused.causes[0], status=403)
    session.user.failed_codes = 0
    session.factor_verified = org.clock()
    return RedirectResponse(destination or HOME, 303)


def _factor_page(
    request: Request, destination: str, *, problem: str = "", status: int = 200
) -> Response:
    values = {"destination": destination, "problem": problem}
    return page(request, "second_factor.html", status=status, **values)
