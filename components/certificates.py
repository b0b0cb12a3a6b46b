"""The certificate that the app signs with: its generations, and what AWS is told of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from xml.etree import ElementTree

import pulumi

from .errors import InvalidArgs
from .metadata import METADATA, SIGNATURE, checked_metadata


@dataclass(frozen=True, kw_only=True)
class Certificate:
    generation: str | None = None
    """A new name makes Okta generate a key and sign with it; None leaves the first key alone."""

    years: int = 3
    """How long a generated certificate holds: 2 to 10."""

    also_trusted: Sequence[str] = ()
    """Ids of further keys of the app that AWS accepts, while one takes over from another."""

    warn_days: int = 60
    """How many days before the end a run begins to warn."""

    today: date | None = None
    """The day of the run; without one, nothing is warned of."""

    def __post_init__(self) -> None:
        if not 2 <= self.years <= 10:
            raise InvalidArgs(f"years of the certificate must be 2 to 10, not {self.years}")


def trusted_metadata(
    document: str | None, keys: Sequence[Mapping[str, Any]], also: Sequence[str]
) -> str:
    """The app's metadata with the certificates of further keys, so that AWS accepts both.

    `keys` are the app's, as Okta lists them: `kid`, and in `x5cs` the certificate.

    A roll-over without a gap: generate a key in Okta, name it in `also_trusted` and deploy, make
    it active in Okta, `pulumi refresh`, and take it out again.
    """
    checked = checked_metadata(document)
    by_id = {key["kid"]: key["x5cs"][0] for key in keys}
    for kid in also:
        if kid not in by_id:
            raise ValueError(f"also_trusted names key {kid}, and the app has {', '.join(by_id)}")
    if not also:
        return checked
    return with_certificates(checked, [by_id[kid] for kid in sorted(also)])


def with_certificates(document: str, certificates: Sequence[str]) -> str:
    """Metadata with a further signing key for each certificate that it does not hold yet."""
    ElementTree.register_namespace("md", METADATA)
    ElementTree.register_namespace("ds", SIGNATURE)
    root = ElementTree.fromstring(document)  # noqa: S314 - `checked_metadata` has read it before
    held = {"".join((e.text or "").split()) for e in root.iter(f"{{{SIGNATURE}}}X509Certificate")}
    [provider] = root.iter(f"{{{METADATA}}}IDPSSODescriptor")
    for certificate in certificates:
        if certificate not in held:
            key = ElementTree.Element(f"{{{METADATA}}}KeyDescriptor", use="signing")
            info = ElementTree.SubElement(key, f"{{{SIGNATURE}}}KeyInfo")
            data = ElementTree.SubElement(info, f"{{{SIGNATURE}}}X509Data")
            ElementTree.SubElement(data, f"{{{SIGNATURE}}}X509Certificate").text = certificate
            provider.insert(0, key)
    return ElementTree.tostring(root, encoding="unicode")


def warning(expires: str, today: date, warn_days: int) -> str | None:
    """What to say of a certificate that ends soon; `expires` is RFC 3339."""
    left = (datetime.fromisoformat(expires).date() - today).days
    if left > warn_days:
        return None
    when = f"ends in {left} days" if left >= 0 else f"ended {-left} days ago"
    return f"the certificate that Okta signs with {when} ({expires}); then nobody enters AWS"


def warn(resource: pulumi.Resource, expires: pulumi.Output[str], args: Certificate) -> None:
    """Warn on the run's screen, if the certificate ends soon."""
    today = args.today
    if today is None:
        return

    def say(when: str) -> None:
        message = warning(when, today, args.warn_days)
        if message:
            pulumi.warn(message, resource)

    expires.apply(say)
