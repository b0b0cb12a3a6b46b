"""A certificate authority that exists for one start of the sandbox and signs one certificate."""

import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import certifi
import trustme

LIFETIME = timedelta(days=90)
AUTHORITY, BUNDLE = "ca.pem", "ca-bundle.pem"


def issue(folder: Path, names: Sequence[str]) -> ssl.SSLContext:
    """A server's TLS context for these DNS names, signed by a new authority.

    Writes the authority's certificate to `folder/ca.pem`, and the same with the public roots that
    certifi ships to `folder/ca-bundle.pem`. The authority's key is forgotten at once, so nothing
    else can ever be signed with it; the server's key touches the disk while OpenSSL reads it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    authority = trustme.CA(
        path_length=0, organization_unit_name="Okta and AWS sandbox on this machine"
    )
    server = authority.issue_cert(
        *names, not_before=now - timedelta(hours=1), not_after=now + LIFETIME
    )
    pem = authority.cert_pem.bytes()
    (folder / AUTHORITY).write_bytes(pem)
    (folder / BUNDLE).write_bytes(Path(certifi.where()).read_bytes() + b"\n" + pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    with server.private_key_and_cert_chain_pem.tempfile(dir=str(folder)) as chain:
        context.load_cert_chain(chain)
    return context
