"""A SAML response on its way to STS: is it genuine, fresh and meant for AWS?

Sources: IAM User Guide, "Configure SAML assertions for the authentication response" and
"Troubleshoot SAML 2.0 federation"; STS API Reference, AssumeRoleWithSAML; SAML 2.0 Core and
Profiles (4.1.4.3) for what the former leave open. AWS does not document its tolerance for clocks:
`CLOCK_SKEW` is ours.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from lxml import etree

from okta_aws_federation.partitions import Partition
from sandbox.aws.errors import AwsError
from sandbox.aws.metadata import Metadata
from sandbox.aws.safe_xml import (
    SAML_ASSERTION,
    SAML_PROTOCOL,
    XML_SIGNATURE,
    UnsafeXml,
    element_text,
    parse,
)
from sandbox.aws.saml_schema import InvalidResponse, check_profile, check_schema, parse_time
from sandbox.aws.saml_signature import BadSignature, verified
from sandbox.aws.sign_in import audiences, is_sign_in_url

CLOCK_SKEW = timedelta(seconds=60)
REDEEM_WITHIN = timedelta(minutes=5)
_SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
_BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
_UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
_FORMAT_PREFIX = "urn:oasis:names:tc:SAML:2.0:nameid-format:"
_AWS_ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"


@dataclass(frozen=True)
class Assertion:
    """What a verified assertion says."""

    issuer: str
    subject: str
    subject_type: str
    recipient: str
    attributes: Mapping[str, tuple[str, ...]]
    session_ends: datetime | None
    """`SessionNotOnOrAfter`, when the assertion has it."""


def verify_response(
    encoded: str, metadata: Metadata, partition: Partition, now: datetime
) -> Assertion:
    """Verify a base64 SAML response. Raises AwsError with the code that STS documents."""
    try:
        return _verify(_decode(encoded), metadata, partition, now)
    except (InvalidResponse, UnsafeXml) as error:
        raise _invalid(f"Invalid SAML response: {error}") from None


def _verify(
    response: etree._Element, metadata: Metadata, partition: Partition, now: datetime
) -> Assertion:
    check_schema(response)
    status = response.find(f"{SAML_PROTOCOL}Status/{SAML_PROTOCOL}StatusCode")
    if status is None:
        raise _invalid("Invalid SAML response")
    if status.get("Value") != _SUCCESS:
        raise AwsError(
            "IDPRejectedClaim", "The identity provider reported that authentication failed", 403
        )
    _check_one_assertion(response)
    assertion = _signed_assertion(response, metadata)
    check_profile(response, assertion)
    _check_issuer(response, assertion, metadata)
    _check_envelope(response, partition)
    subject, recipient = _subject(response, assertion, partition, now)
    _check_conditions(assertion, partition, now)
    return Assertion(
        issuer=metadata.entity_id,
        subject=element_text(subject) or "",
        subject_type=(subject.get("Format") or _UNSPECIFIED).removeprefix(_FORMAT_PREFIX),
        recipient=recipient,
        attributes=_attributes(assertion),
        session_ends=_session_end(assertion, now),
    )


def _decode(encoded: str) -> etree._Element:
    try:
        document = base64.b64decode("".join(encoded.split()), validate=True)
        root = parse(document)
    except (binascii.Error, ValueError):
        raise _invalid("Invalid base64 SAMLResponse or XML in it") from None
    if root.tag != f"{SAML_PROTOCOL}Response" or root.get("Version") != "2.0":
        raise _invalid("Invalid SAML response")
    return root


def _check_one_assertion(response: etree._Element) -> None:
    """One assertion, where it belongs, and no ID twice: nothing to swap behind a signature."""
    assertions = list(response.iter(f"{SAML_ASSERTION}Assertion"))
    encrypted = response.find(f".//{SAML_ASSERTION}EncryptedAssertion")
    if len(assertions) != 1 or assertions[0].getparent() is not response or encrypted is not None:
        raise _invalid("Invalid SAML response")
    if assertions[0].get("Version") != "2.0":
        raise _invalid("Invalid SAML response")
    identifiers = [value for element in response.iter() for value in _identifiers(element)]
    if len(identifiers) != len(set(identifiers)):
        raise _invalid("Invalid SAML response")


def _identifiers(element: etree._Element) -> list[str]:
    return [str(v) for name, v in element.attrib.items() if str(name).lower() in ("id", "xml:id")]


def _signed_assertion(response: etree._Element, metadata: Metadata) -> etree._Element:
    """The assertion as signed: each signature there is has to verify, and there must be one."""
    assertion = response.find(f"{SAML_ASSERTION}Assertion")
    owners = [signature.getparent() for signature in response.iter(f"{XML_SIGNATURE}Signature")]
    invalid = _invalid("Response signature invalid")
    if not owners or any(owner is not response and owner is not assertion for owner in owners):
        raise invalid
    read = None
    try:
        for owner in dict.fromkeys(owners):
            copy = verified(owner, metadata.certificates)
            read = copy if owner is assertion else copy.find(f"{SAML_ASSERTION}Assertion")
    except (BadSignature, UnsafeXml):
        raise invalid from None
    if read is None:
        raise invalid
    return read


def _check_issuer(response: etree._Element, assertion: etree._Element, metadata: Metadata) -> None:
    outer = _only(response, "Issuer")
    inner = element_text(_only(assertion, "Issuer"))
    if inner != metadata.entity_id or (outer is not None and element_text(outer) != inner):
        raise _invalid("Issuer not present in specified provider")


def _check_envelope(response: etree._Element, partition: Partition) -> None:
    destination = response.get("Destination")
    if destination is not None and not is_sign_in_url(partition, destination):
        raise _invalid("Response does not contain the required destination")


def _subject(
    response: etree._Element, assertion: etree._Element, partition: Partition, now: datetime
) -> tuple[etree._Element, str]:
    subject = _only(assertion, "Subject")
    name = _only(subject, "NameID") if subject is not None else None
    if subject is None or name is None or not element_text(name):
        raise not_authorized()
    confirmations = subject.findall(f"{SAML_ASSERTION}SubjectConfirmation")
    data = (
        confirmations[0].find(f"{SAML_ASSERTION}SubjectConfirmationData") if confirmations else None
    )
    if len(confirmations) != 1 or data is None or confirmations[0].get("Method") != _BEARER:
        raise _invalid("Exactly one bearer SubjectConfirmation with its data is required")
    recipient, until = data.get("Recipient"), data.get("NotOnOrAfter")
    if recipient is None or not is_sign_in_url(partition, recipient):
        raise _invalid("Response does not contain the required recipient")
    if until is None or data.get("NotBefore") is not None:
        raise _invalid("SubjectConfirmationData must have NotOnOrAfter and no NotBefore")
    _check_not_over(until, now)
    if data.get("InResponseTo") != response.get("InResponseTo"):
        raise _invalid("InResponseTo of the response and of the subject differ")
    return name, recipient


def _check_conditions(assertion: etree._Element, partition: Partition, now: datetime) -> None:
    issued = parse_time(assertion.get("IssueInstant"))
    if issued > now + CLOCK_SKEW:
        raise _invalid("Token is not yet valid")
    if now - issued > REDEEM_WITHIN:
        raise _expired()
    conditions = _only(assertion, "Conditions")
    restrictions = (
        conditions.findall(f"{SAML_ASSERTION}AudienceRestriction") if conditions is not None else []
    )
    if conditions is None or not restrictions:
        raise _invalid("Response does not contain the required audience")
    for restriction in restrictions:
        named = {element_text(a) for a in restriction.findall(f"{SAML_ASSERTION}Audience")}
        if not named & audiences(partition):
            raise _invalid("Response does not contain the required audience")
    begins, ends = conditions.get("NotBefore"), conditions.get("NotOnOrAfter")
    if begins is not None and parse_time(begins) > now + CLOCK_SKEW:
        raise _invalid("Token is not yet valid")
    if ends is not None:
        _check_not_over(ends, now)
    if begins is not None and ends is not None and parse_time(begins) >= parse_time(ends):
        raise _invalid("Invalid SAML response: NotBefore is not before NotOnOrAfter")


def _attributes(assertion: etree._Element) -> dict[str, tuple[str, ...]]:
    attributes: dict[str, tuple[str, ...]] = {}
    for attribute in assertion.iterfind(
        f"{SAML_ASSERTION}AttributeStatement/{SAML_ASSERTION}Attribute"
    ):
        name = attribute.get("Name", "")
        values = list(_values(attribute, name))
        attributes[name] = (*attributes.get(name, ()), *values)
    return attributes


def _values(attribute: etree._Element, name: str) -> Iterator[str]:
    """The texts; a value with elements in it, which others' attributes may have, is no text."""
    for value in attribute.findall(f"{SAML_ASSERTION}AttributeValue"):
        try:
            yield element_text(value) or ""
        except UnsafeXml:
            if name.startswith(_AWS_ATTRIBUTES):
                raise


def _session_end(assertion: etree._Element, now: datetime) -> datetime | None:
    """Of several sessions at the identity provider, the one that ends first counts."""
    statements = assertion.iterfind(f"{SAML_ASSERTION}AuthnStatement")
    ends = [text for one in statements if (text := one.get("SessionNotOnOrAfter")) is not None]
    for text in ends:
        _check_not_over(text, now)
    return min(map(parse_time, ends), default=None)


def _only(parent: etree._Element, name: str) -> etree._Element | None:
    """What SAML's schema has once at most: of two, one reader takes the first, one the last."""
    elements = parent.findall(f"{SAML_ASSERTION}{name}")
    if len(elements) > 1:
        raise _invalid("Invalid SAML response")
    return elements[0] if elements else None


def _check_not_over(text: str, now: datetime) -> None:
    if now >= parse_time(text):
        raise _expired()


def not_authorized() -> AwsError:
    """The error for whatever the role or the subject lacks."""
    return AwsError("AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML", 403)


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidIdentityToken", message)


def _expired() -> AwsError:
    return AwsError("ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance")
