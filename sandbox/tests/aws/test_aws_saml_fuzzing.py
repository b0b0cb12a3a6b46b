"""Mutated SAML responses and metadata, by the ten thousands: nothing crashes, nothing gets in.

The seed is fixed, so that a finding repeats; TEST_SEED in the environment sets another one.
"""

import base64
import copy
import os
import random
import re
from datetime import UTC, datetime

import pytest
from lxml import etree

from sandbox.aws.errors import AwsError
from sandbox.aws.metadata import parse_metadata
from sandbox.aws.saml import verify_response
from sandbox.aws.sign_in import BY_NAME

SEED = int(os.environ.get("TEST_SEED", "1"))
RESPONSES = 50_000
DOCUMENTED = {"InvalidIdentityToken", "AccessDenied", "IDPRejectedClaim", "ExpiredTokenException"}
DS = "{http://www.w3.org/2000/09/xmldsig#}"
AWS = BY_NAME["aws"]
SNIPPETS = [
    b"<!-- -->", b"<![CDATA[", b"]]>", b"&lt;", b"&#0;", b"&#x41;", b"&x;", b"<?x y?>", b"\x00",
    b"\xff", b'xmlns="x"', b"ID=\"a1\"", b"<a/>", b"</a:Assertion>", b"<!DOCTYPE a>", b"\xc3\xa9",
    b"9" * 400, b"<a>" * 300, b"2099-01-01T00:00:00Z", b"0000-00-00T00:00:00Z", b"-1", b"e\xcc\x81",
]  # fmt: skip


def flipped(document: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(document))
    return document[:at] + bytes([rng.randrange(256)]) + document[at + 1 :]


def cut(document: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(document))
    return document[:start] + document[start + rng.choice((1, 2, 10, 200, 5000)) :]


def doubled(document: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(document))
    piece = document[start : start + rng.choice((1, 10, 200))]
    return document[:start] + piece * rng.choice((2, 3)) + document[start:]


def inserted(document: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(document))
    return document[:at] + rng.choice(SNIPPETS) + document[at:]


def rearranged(document: bytes, rng: random.Random) -> bytes:
    """An element copied, moved, dropped or renamed, an attribute or a text changed."""
    root = etree.fromstring(document)
    elements = list(root.iter(etree.Element))
    one, other = rng.choice(elements), rng.choice(elements)
    match rng.randrange(6):
        case 0:
            other.append(copy.deepcopy(one))
        case 1 if one is not root and one not in other.iterancestors() and one is not other:
            other.insert(0, one)
        case 2 if one is not root:
            one.getparent().remove(one)
        case 3 if one.attrib:
            name = rng.choice(list(one.attrib))
            one.set(name, rng.choice(("", "a1", "r1", "#r1", "2.0", one.get(name) + "0")))
        case 4:
            one.text = (one.text or "") + rng.choice(("x", "*", "\n.", "é"))
        case _:
            one.tag = other.tag
    return etree.tostring(root)


MUTATIONS = (flipped, cut, doubled, inserted, rearranged, rearranged)


def meaning(document: bytes) -> tuple[bytes, ...] | None:
    """What is signed, and the signature; None for what is no XML.

    Comments mean nothing, nor does what the Signature element holds beside its two parts.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    signature = root.find(f"{DS}Signature")
    if signature is None:
        return (canonical(root),)
    value = signature.findtext(f"{DS}SignatureValue", "")
    info = canonical(signature.find(f"{DS}SignedInfo"))
    root.remove(signature)
    return canonical(root), info, base64.b64decode(value)


def canonical(element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)


def bare(federation, signed: str) -> bytes:
    """A response with one signature, and no KeyInfo, which nobody reads and nothing covers."""

    def strip(root):
        for info in list(root.iter(f"{DS}KeyInfo")):
            info.getparent().remove(info)

    response = federation.idp.respond(federation.claims(), sign=(signed,), after=strip)
    return base64.b64decode(response)


@pytest.fixture(scope="module")
def response(federation):
    return bare(federation, "response")


def outcome(encoded: str, metadata, now: datetime) -> str:
    try:
        verify_response(encoded, metadata, AWS, now)
    except AwsError as error:
        return error.code
    return "accepted"


def test_no_mutated_response_gets_in_or_breaks_the_parser(federation, response):
    metadata, now = parse_metadata(federation.idp.metadata()), datetime.now(UTC)
    rng = random.Random(SEED)
    original = meaning(response)
    seen: dict[str, int] = {}
    tried = 0
    assert outcome(base64.b64encode(response).decode(), metadata, now) == "accepted"
    while tried < RESPONSES:
        document = response
        for _ in range(rng.choice((1, 1, 1, 2, 5))):
            try:
                document = rng.choice(MUTATIONS)(document, rng)
            except (etree.XMLSyntaxError, ValueError, IndexError):
                continue  # an earlier mutation left nothing to rearrange
        code = outcome(base64.b64encode(document).decode(), metadata, now)
        if code == "accepted":
            assert meaning(document) == original, f"seed {SEED}: {document!r} was accepted"
            continue  # a mutation that means nothing, such as a comment
        seen[code] = seen.get(code, 0) + 1
        tried += 1
    assert seen.keys() <= DOCUMENTED
    assert sum(seen.values()) == RESPONSES


def test_whatever_surrounds_a_signed_assertion_the_same_is_read(federation):
    """Nothing protects the response then; it may be refused, but never make the assertion lie."""
    metadata, now = parse_metadata(federation.idp.metadata()), datetime.now(UTC)
    rng = random.Random(SEED)
    response = bare(federation, "assertion")
    original = verify_response(base64.b64encode(response).decode(), metadata, AWS, now)
    refused = 0
    for _ in range(10_000):
        document = rng.choice(MUTATIONS)(response, rng)
        try:
            read = verify_response(base64.b64encode(document).decode(), metadata, AWS, now)
        except AwsError as error:
            refused += error.code in DOCUMENTED
            continue
        assert read == original, f"seed {SEED}: {document!r} says something else"
    assert refused > 5_000


def test_no_mutated_base64_breaks_the_parser(federation, response):
    metadata, now = parse_metadata(federation.idp.metadata()), datetime.now(UTC)
    rng = random.Random(SEED)
    good = base64.b64encode(response)
    for _ in range(2000):
        text = rng.choice((flipped, cut, doubled, inserted))(good, rng).decode("latin-1")
        code = outcome(text, metadata, now)
        if code == "accepted":
            assert meaning(base64.b64decode(re.sub(r"\s", "", text))) == meaning(response)


def test_no_mutated_metadata_breaks_the_parser(federation):
    rng = random.Random(SEED)
    good = federation.idp.metadata().encode()
    accepted = 0
    for _ in range(3000):
        document = rng.choice(MUTATIONS)(good, rng).decode("utf-8", "replace")
        try:
            parse_metadata(document)
        except AwsError:
            continue
        accepted += 1
    assert accepted, "some mutations leave metadata good: the test does reach the end"
