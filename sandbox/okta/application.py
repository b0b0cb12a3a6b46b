"""All routes in one application, and what is said where none fits."""

import logging

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from sandbox.okta import (
    administration,
    app_users,
    apps,
    assignments,
    console,
    control,
    device_flow,
    federation,
    group_rules,
    groups,
    memberships,
    metadata,
    native_apps,
    oauth,
    pages,
    policies,
    provisioning,
    sessions,
    users,
    well_known,
)
from sandbox.okta.errors import OktaError, internal, not_found
from sandbox.okta.forms import StaleForm
from sandbox.okta.middleware import Middleware, redacted
from sandbox.okta.oauth import TokenRefused
from sandbox.okta.org import Org
from sandbox.okta.rendering import SIGN_IN, STATIC, PageRefused, SignInRequired, page

LOG = logging.getLogger(__name__)

SUBJECTS = (
    well_known,
    oauth,
    apps,
    native_apps,
    metadata,
    assignments,
    app_users,
    group_rules,  # before groups: /api/v1/groups/rules is not a group called "rules"
    groups,
    memberships,
    users,
    policies,
    device_flow,
    sessions,
    pages,
    federation,
    administration,
    provisioning,
    console,
    control,
)


def build(org: Org) -> ASGIApp:
    routes = [route for subject in SUBJECTS for route in subject.ROUTES]
    application = Starlette(
        routes=[*routes, Mount("/static", StaticFiles(directory=STATIC))],
        exception_handlers={
            OktaError: _refused,
            TokenRefused: _refused,
            PageRefused: _page_refused,
            SignInRequired: _sign_in_required,
            StaleForm: _stale_form,
            HTTPException: _outside_contract,
            Exception: _broken,
        },
    )
    application.router.redirect_slashes = False
    application.state.org = org
    application.state.console_sessions = {}
    return Middleware(application, org)


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, OktaError | TokenRefused):
        raise error
    return error.response()


async def _page_refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, PageRefused):
        raise error
    values = {"title": error.title, "message": str(error)}
    return page(request, "refused.html", status=error.status, **values)


async def _sign_in_required(request: Request, error: Exception) -> Response:
    return RedirectResponse(f"{SIGN_IN}?fromURI={request.url.path}", 302)


async def _stale_form(request: Request, error: Exception) -> Response:
    message = "The form is not this session's. Open the page again and repeat what you did."
    return page(request, "refused.html", status=403, title="Please try again", message=message)


async def _broken(request: Request, error: Exception) -> Response:
    """Okta's 500, and the whole trace in the log."""
    LOG.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return internal().response()


async def _outside_contract(request: Request, error: Exception) -> Response:
    """Okta's 404 or 405, and a line that says what was asked: somebody may have to serve it."""
    if not isinstance(error, HTTPException):
        raise error
    query = redacted(request.url.query)
    request_line = f"{request.method} {request.url.path}{'?' + query if query else ''}"
    LOG.warning("outside the contract: %s", request_line)
    if error.status_code == 405:
        summary = "The endpoint does not support the provided HTTP method"
        return OktaError(405, "E0000022", summary).response()
    return not_found(request.url.path, "Endpoint").response()
