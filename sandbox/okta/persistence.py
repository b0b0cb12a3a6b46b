"""The org's state in a file, so that the org can be restarted and still be the same.

Kept: everything that requests can change, the API token, passwords, sessions, switches. Not kept:
queued faults, rate limit counts, the request log, what reads do not see yet.
"""

import pickle
from dataclasses import fields
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.jwk import RSAKey

from sandbox.errors import SandboxError
from sandbox.okta.org import Org

VERSION = 1
PASSING = {"clock", "faults", "limits", "on_change", "requests", "unseen"}
ADDRESSES = {"aws_url", "local_url", "public_url"}
FIELDS = ("token_key", *(one.name for one in fields(Org) if one.name not in PASSING | ADDRESSES))


class _Pickler(pickle.Pickler):
    """Writes keys and certificates as PEM: their objects can't be pickled."""

    def reducer_override(self, thing: Any) -> Any:
        if isinstance(thing, rsa.RSAPrivateKey):
            pem = thing.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            return _private_key, (pem,)
        if isinstance(thing, rsa.RSAPublicKey):
            pem = thing.public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            return _public_key, (pem,)
        if isinstance(thing, x509.Certificate):
            pem = thing.public_bytes(serialization.Encoding.PEM)
            return _certificate, (pem,)
        if isinstance(thing, RSAKey):
            return _json_web_key, (thing.as_dict(private=True),)
        return NotImplemented


def _private_key(pem: bytes) -> Any:
    return serialization.load_pem_private_key(pem, None)


def _public_key(pem: bytes) -> Any:
    return serialization.load_pem_public_key(pem)


def _certificate(pem: bytes) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem)


def _json_web_key(document: dict[str, Any]) -> RSAKey:
    return RSAKey.import_key(document)


def save(org: Org, accounts: object, file: Path) -> None:
    """Write the org and its accounts; a crash in the middle leaves the file as it was."""
    document = {"version": VERSION, "accounts": accounts}
    document |= {name: getattr(org, name) for name in FIELDS}
    beside = file.with_suffix(".new")
    beside.touch(mode=0o600)
    with beside.open("wb") as target:
        _Pickler(target).dump(document)
    beside.replace(file)


def load(org: Org, file: Path) -> Any:
    """Put what `save` wrote into the org; returns the accounts. Raises SandboxError."""
    try:
        # The sandbox wrote it, into a folder that is the user's own.
        document = pickle.loads(file.read_bytes())  # noqa: S301
        version = document["version"]
    except (OSError, pickle.UnpicklingError, EOFError, ValueError, TypeError, KeyError) as e:
        raise SandboxError(f"{file} holds no state of the sandbox's Okta: {e}") from None
    if version != VERSION:
        raise SandboxError(f"{file} was written by another version of the sandbox: remove it")
    for name in FIELDS:
        setattr(org, name, document[name])
    return document["accounts"]
