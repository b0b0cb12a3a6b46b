"""A result as the query protocol writes it.

Source: the service models of IAM and STS; both serialize structures by name, lists by `member`.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from xml.sax.saxutils import escape

from sandbox.aws.errors import HttpResponse

NAMESPACES = {
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
}


def serialize_result(service: str, action: str, value: Mapping[str, object]) -> HttpResponse:
    """A successful answer; None among the values is left out."""
    body = (
        f'<{action}Response xmlns="{NAMESPACES[service]}">'
        f"<{action}Result>{_serialize(value)}</{action}Result>"
        f"<ResponseMetadata><RequestId>{secrets.token_hex(16)}</RequestId></ResponseMetadata>"
        f"</{action}Response>"
    )
    return HttpResponse(200, {"Content-Type": "text/xml"}, body.encode())


def _serialize(value: object) -> str:
    if isinstance(value, Mapping):
        return "".join(
            f"<{name}>{_serialize(inner)}</{name}>"
            for name, inner in value.items()
            if inner is not None
        )
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, Sequence):
        return "".join(f"<member>{_serialize(inner)}</member>" for inner in value)
    return escape(str(value))
