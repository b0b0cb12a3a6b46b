"""Pages of a person: signing in and out, and the tiles of their apps."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.okta import app_body, forms, roles, sign_in, users
from sandbox.okta.authentication import SESSION_COOKIE, session_of
from sandbox.okta.models import SamlApp, User
from sandbox.okta.org import Org, org_of
from sandbox.okta.rendering import page
from sandbox.okta.sessions import with_cookie

HOME = "/app/UserHome"
SIGN_IN = "/login/login.htm"
REFUSED = "Unable to sign in"
LOCKED = "Your account is locked. Please contact your administrator."


async def front_door(request: Request) -> Response:
    session = session_of(request, org_of(request))
    return RedirectResponse(HOME if session else SIGN_IN, 302)


async def sign_in_form(request: Request) -> Response:
    return _sign_in_page(request, own_path(request.query_params.get("fromURI", "")))


async def sign_in_post(request: Request) -> Response:
    """Begin a session and go where the person wanted to; on refusal say so, as Okta does."""
    org = org_of(request)
    form = await request.form()
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


async def sign_out(request: Request) -> Response:
    org = org_of(request)
    session = session_of(request, org)
    if session:
        forms.check(org, request, await request.form())
        sign_in.end(org, session)
    response = RedirectResponse(SIGN_IN, 303)
    response.delete_cookie(SESSION_COOKIE)
    return response


async def home(request: Request) -> Response:
    """The person's apps as tiles."""
    org = org_of(request)
    session = session_of(request, org)
    if session is None:
        return to_sign_in(request)
    tiles = [
        {"label": app.label, "href": app_body.embed_link(org, app), "id": app.id}
        for app in apps_of(org, session.user)
    ]
    return page(request, "home.html", tiles=tiles)


async def app_links(request: Request) -> Response:
    """`GET /api/v1/users/{user}/appLinks`: the same tiles, for command-line clients."""
    org = org_of(request)
    links = [
        {
            "id": app.id,
            "label": app.label,
            "linkUrl": app_body.embed_link(org, app),
            "appName": "amazon_aws",
            "appInstanceId": app.id,
            "appAssignmentId": app.id,
            "credentialsSetup": False,
            "hidden": app.visibility["hide"]["web"],
            "sortOrder": place,
        }
        for place, app in enumerate(apps_of(org, users.user_of(request)))
    ]
    return JSONResponse(links)


def apps_of(org: Org, user: User) -> list[SamlApp]:
    """The active apps that the person is assigned to and that are not hidden."""
    return [
        app
        for app in org.saml_apps
        if app.status == "ACTIVE"
        and not app.visibility["hide"]["web"]
        and roles.is_assigned(app, user)
    ]


def to_sign_in(request: Request) -> Response:
    """Sign in first, then come back."""
    return RedirectResponse(f"{SIGN_IN}?fromURI={request.url.path}", 302)


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


ROUTES = [
    Route("/", front_door, methods=["GET"]),
    Route(SIGN_IN, sign_in_form, methods=["GET"]),
    Route(SIGN_IN, sign_in_post, methods=["POST"]),
    Route("/login/signout", sign_out, methods=["POST"]),
    Route(HOME, home, methods=["GET"]),
    Route("/api/v1/users/{user}/appLinks", app_links, methods=["GET"]),
]
