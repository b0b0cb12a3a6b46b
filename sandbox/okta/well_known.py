"""`/.well-known/okta-organization`: which engine the org runs; anybody may ask."""

from typing import Any

from sandbox.okta.org import Org
from sandbox.okta.routing import Routes

ROUTES = Routes()


@ROUTES.on("GET", "/.well-known/okta-organization")
def organization(org: Org) -> dict[str, Any]:
    return {
        "id": org.id,
        "pipeline": {"classic": "v1", "idx": "idx"}[org.switches.pipeline],
        "settings": {"bugReportingEnabled": False},
        "_links": {"organization": {"href": org.url}, "alternate": {"href": org.url}},
    }
