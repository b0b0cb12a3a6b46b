"""`/.well-known/okta-organization`: which engine the org runs; anybody may ask."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.okta.org import org_of


async def organization(request: Request) -> Response:
    org = org_of(request)
    pipeline = {"classic": "v1", "idx": "idx"}[org.switches.pipeline]
    links = {"organization": {"href": org.url}, "alternate": {"href": org.url}}
    return JSONResponse(
        {"id": org.id, "pipeline": pipeline, "settings": {"bugReportingEnabled": False}}
        | {"_links": links}
    )


ROUTES = [Route("/.well-known/okta-organization", organization, methods=["GET"])]
