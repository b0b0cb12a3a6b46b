"""The page on which a signed-in person shows a second factor, when an app's policy asks for it."""

from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sandbox.okta import factors, forms, pages, sign_in
from sandbox.okta.errors import OktaError
from sandbox.okta.models import Session
from sandbox.okta.org import Org
from sandbox.okta.rendering import PageRefused, SignInRequired, page
from sandbox.okta.routing import Routes

PATH = "/signin/verify/okta/token"
NONE_SET_UP = (
    "The app's sign-on policy asks for a second factor, and you have none. "
    "`python -m sandbox factor LOGIN` sets one up."
)

ROUTES = Routes()


def challenge(request: Request, session: Session) -> Response:
    """Send the person to show a factor and back. Raises PageRefused if there is none."""
    if factors.active_factor(session.user) is None:
        raise PageRefused(403, "Set up a second factor", NONE_SET_UP)
    return RedirectResponse(f"{PATH}?{urlencode({'fromURI': request.url.path})}", 302)


@ROUTES.on("GET", PATH)
def show(request: Request, session: Session | None) -> Response:
    if session is None:
        raise SignInRequired
    return _page(request, pages.own_path(request.query_params.get("fromURI", "")))


@ROUTES.on("POST", PATH)
def submit(request: Request, org: Org, session: Session | None, form: FormData) -> Response:
    """Check the code; ten wrong ones lock the person out, as wrong passwords do."""
    if session is None:
        raise SignInRequired
    forms.check(org, request, form)
    destination = pages.own_path(forms.field(form, "fromURI"))
    factor = factors.active_factor(session.user)
    if factor is None:
        raise PageRefused(403, "Set up a second factor", NONE_SET_UP)
    try:
        factors.require_passcode(org, factor, forms.field(form, "passCode").strip())
    except OktaError as refused:
        sign_in.count_wrong_code(org, session.user)
        return _page(request, destination, problem=refused.causes[0], status=403)
    session.user.failed_codes = 0
    session.factor_verified = org.clock()
    return RedirectResponse(destination or pages.HOME, 303)


def _page(request: Request, destination: str, *, problem: str = "", status: int = 200) -> Response:
    values = {"destination": destination, "problem": problem}
    return page(request, "second_factor.html", status=status, **values)
