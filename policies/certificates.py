"""How long AWS can still verify what the identity provider signs."""

import base64
import binascii
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from pulumi_policy import ResourceValidationArgs, Severity

from findings import Finding, finding, number, resource_rule

SAML_PROVIDER = "aws:iam/samlProvider:SamlProvider"

MINIMUM_DAYS = 30
"""Time to notice, and to roll the certificate over."""

_CERTIFICATE = re.compile(r"<(?:\w+:)?X509Certificate>([^<]+)</")

# DER of a certificate's validity (RFC 5280, 4.1.2.5): two times, each a UTCTime of two-digit years
# (tag 0x17, 13 bytes) or a GeneralizedTime (tag 0x18, 15 bytes).
_TIME = rb"(?:\x17\x0d(?:\d{12})Z|\x18\x0f(?:\d{14})Z)"
_VALIDITY = re.compile(b"(" + _TIME + b")(" + _TIME + b")")


def last_day(metadata: str) -> datetime | None:
    """When the last certificate of a metadata document ends; None if it has none to read.

    With two certificates, as in a roll-over, the provider goes on with the later one.
    """
    ends = [_end_of(certificate) for certificate in _CERTIFICATE.findall(metadata)]
    return max((end for end in ends if end is not None), default=None)


@resource_rule(
    Severity.HIGH,
    SAML_PROVIDER,
    minimumDays=number("How many days the certificate must last.", 1, MINIMUM_DAYS),
)
def saml_certificate_lasts(args: ResourceValidationArgs) -> Iterator[Finding]:
    """The identity provider's certificate does not end before somebody has noticed."""
    end = last_day(args.props["samlMetadataDocument"])
    minimum_days = int(args.get_config().get("minimumDays", MINIMUM_DAYS))
    if end is not None and end - datetime.now(UTC) < timedelta(days=minimum_days):
        yield finding(
            args,
            "certificate",
            f"SAML provider '{args.name}' must have a certificate for {minimum_days} days to come, "
            f"not until {end.date()}: roll it over in Okta, then refresh and deploy.",
        )


def _end_of(certificate: str) -> datetime | None:
    try:
        validity = _VALIDITY.search(base64.b64decode(certificate))
    except binascii.Error:
        return None
    return _moment(validity[2]) if validity else None


def _moment(time: bytes) -> datetime:
    digits = time[2:-1].decode()
    if len(digits) == 12:
        # RFC 5280: a two-digit year from 50 is of the last century.
        digits = ("19" if digits[:2] >= "50" else "20") + digits
    return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
