"""SAML responses by kind, generated: good ones that must get in, bad ones that must not.

All are signed after they were changed, so the signature never is why one is refused. The expected
answers are of SAML 2.0 Core and Profiles, its schema, the IAM User Guide ("Configure SAML
assertions for the authentication response") and the STS API reference (Tag, AssumeRoleWithSAML).
TEST_SEED in the environment sets another seed.
"""

import copy
import os
import random
import string
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from lxml import etree

SEED = int(os.environ.get("TEST_SEED", "1"))
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
NAMES = {"p": PROTOCOL, "a": SAML}
ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"
SIGN_IN = "https://signin.aws.amazon.com/saml"

SUBJECT, CONDITIONS = "a:Assertion/a:Subject", "a:Assertion/a:Conditions"
CONFIRMATION = f"{SUBJECT}/a:SubjectConfirmation"
DATA = f"{CONFIRMATION}/a:SubjectConfirmationData"
AUTHN = "a:Assertion/a:AuthnStatement"
STATEMENT = "a:Assertion/a:AttributeStatement"
AUDIENCE = f"{CONDITIONS}/a:AudienceRestriction/a:Audience"
CLASS = f"{AUTHN}/a:AuthnContext/a:AuthnContextClassRef"
TEXTS = ("a:Issuer", "a:Assertion/a:Issuer", f"{SUBJECT}/a:NameID", AUDIENCE)
TIMES = (
    (".", "IssueInstant"),
    ("a:Assertion", "IssueInstant"),
    (DATA, "NotOnOrAfter"),
    (CONDITIONS, "NotBefore"),
    (CONDITIONS, "NotOnOrAfter"),
    (AUTHN, "AuthnInstant"),
)

Case = tuple[str, dict[str, Any]]
"""What it is, and the arguments of `respond`: `before`, and `attributes` for the claims."""


def at(root: Any, path: str) -> Any:
    return root if path == "." else root.find(path, NAMES)


def case(what: str, edit: Callable[[Any], object]) -> Case:
    return what, {"before": edit}


def attributes(what: str, **values: Any) -> Case:
    return what, {"attributes": {name: value for name, value in values.items()}}


def named(what: str, name: str, *values: str) -> Case:
    return what, {"attributes": {name: list(values)}}


def element(text: str) -> Any:
    return etree.fromstring(f'<x xmlns:a="{SAML}" xmlns:p="{PROTOCOL}">{text}</x>')[0]


def insert(path: str, index: int, text: str) -> Callable[[Any], None]:
    return lambda root: at(root, path).insert(index, element(text))


def foreign(name: str, *values: str) -> Callable[[Any], None]:
    """An attribute by its whole name; values as XML."""
    inside = "".join(f"<a:AttributeValue>{value}</a:AttributeValue>" for value in values)
    return insert(STATEMENT, 0, f'<a:Attribute Name="{name}">{inside}</a:Attribute>')


def set_to(path: str, name: str, value: str) -> Callable[[Any], None]:
    return lambda root: at(root, path).set(name, value)


def comment_inside(path: str) -> Callable[[Any], None]:
    def edit(root: Any) -> None:
        one = at(root, path)
        half = len(one.text) // 2
        comment = etree.Comment("x")
        comment.tail, one.text = one.text[half:], one.text[:half]
        one.insert(0, comment)

    return edit


def good(rng: random.Random) -> Iterator[Case]:
    for path in (*TEXTS, CLASS):
        yield case(f"a comment inside {path}", comment_inside(path))
    for path, name in TIMES:
        for digits in ("", ".1", ".123456789", ".1234567890123"):

            def edit(root: Any, path: str = path, name: str = name, digits: str = digits) -> None:
                one = at(root, path)
                one.set(name, one.get(name)[:19] + digits + "Z")

            yield case(f"{name} of {path} with {digits!r}", edit)  # fmt: skip
    yield case("Consent", set_to(".", "Consent", "urn:oasis:names:tc:SAML:2.0:consent:obtained"))
    yield case("Extensions", insert(".", 1, '<p:Extensions><y xmlns="urn:y"/></p:Extensions>'))
    yield case("a StatusMessage", insert("p:Status", 1, "<p:StatusMessage>ok</p:StatusMessage>"))
    yield case(
        "a second-level status",
        insert("p:Status/p:StatusCode", 0, '<p:StatusCode Value="urn:example:more"/>'),
    )
    yield case("OneTimeUse", insert(CONDITIONS, 1, "<a:OneTimeUse/>"))
    yield case("ProxyRestriction", insert(CONDITIONS, 1, '<a:ProxyRestriction Count="0"/>'))
    yield case(
        "two audiences, ours the second",
        insert(f"{CONDITIONS}/a:AudienceRestriction", 0, "<a:Audience>urn:other</a:Audience>"),
    )
    yield case(
        "a second AuthnStatement", lambda r: at(r, AUTHN).addnext(copy.deepcopy(at(r, AUTHN)))
    )
    yield case(
        "two attribute statements",
        lambda r: at(r, STATEMENT).addnext(
            element('<a:AttributeStatement><a:Attribute Name="x"/></a:AttributeStatement>')
        ),
    )
    yield case("Advice", insert("a:Assertion", 3, "<a:Advice><y xmlns='urn:y'/></a:Advice>"))
    yield case("an Address", set_to(DATA, "Address", "203.0.113.7"))
    yield case("no SessionIndex", lambda r: at(r, AUTHN).attrib.pop("SessionIndex"))
    yield case("a session that lasts", set_to(AUTHN, "SessionNotOnOrAfter", "2099-01-01T00:00:00Z"))
    yield case("the Format of an issuer", set_to("a:Issuer", "Format", "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"))  # fmt: skip  # noqa: E501
    for form in ("2.0:nameid-format:persistent", "1.1:nameid-format:emailAddress"):
        yield case(form, set_to(f"{SUBJECT}/a:NameID", "Format", f"urn:oasis:names:tc:SAML:{form}"))
    for name in (
        "PrincipalTag:team",
        "TransitiveTagKeys",
        "SourceIdentity",
        "Role",
        "RoleSessionName",
    ):
        yield case(f"{name} without AWS's prefix", foreign(name, "x"))
    yield case("an attribute of others with elements", foreign("urn:oid:x", "<y xmlns='urn:y'/>"))
    yield case("an attribute without values", foreign("urn:oid:x"))
    for _ in range(20):
        name = "".join(
            rng.choices(string.ascii_letters + "0123456789_+=,.@-", k=rng.randint(2, 64))
        )
        yield named("a session name", "RoleSessionName", name)
        yield named("a source identity", "SourceIdentity", name)
    for seconds in (900, 43_200, *(rng.randint(900, 43_200) for _ in range(5))):
        yield named("a duration", "SessionDuration", str(seconds))
    for _ in range(30):
        key, value = tag_text(rng, rng.randint(1, 128)), tag_text(rng, rng.randint(0, 256))
        yield named(f"a tag {key!r}", f"PrincipalTag:{key}", value)
        shuffled = "".join(rng.choice((c.upper(), c.lower())) for c in "Team")
        yield attributes(
            "transitive", **{"PrincipalTag:Team": ["b"], "TransitiveTagKeys": [shuffled]}
        )
    yield attributes("fifty tags", **{f"PrincipalTag:k{n}": ["v"] for n in range(50)})


def tag_text(rng: random.Random, length: int) -> str:
    """Letters, digits and separators of all scripts, and the nine signs; no blank at an end."""
    letters = [c for c in map(chr, range(0x21, 0x3000)) if unicodedata.category(c)[0] in "LN"]
    middle = rng.choices([*letters, *"_.:/=+-@", " "], k=length)
    text = "".join(middle)
    return ("x" + text[1:-1] + "x")[:length] if length > 1 else "x" * length


def bad(rng: random.Random) -> Iterator[Case]:
    yield from bad_form(rng)
    yield from bad_times()
    yield from bad_values(rng)
    yield from bad_attributes(rng)


REQUIRED = (
    "p:Status", "p:Status/p:StatusCode", "a:Assertion/a:Issuer", SUBJECT, f"{SUBJECT}/a:NameID",
    CONFIRMATION, DATA, CONDITIONS, f"{CONDITIONS}/a:AudienceRestriction", AUDIENCE, AUTHN,
    f"{AUTHN}/a:AuthnContext", STATEMENT,
)  # fmt: skip
ONCE = (
    "a:Issuer", "p:Status", "p:Status/p:StatusCode", "a:Assertion/a:Issuer", SUBJECT,
    f"{SUBJECT}/a:NameID", CONFIRMATION, DATA, CONDITIONS, f"{AUTHN}/a:AuthnContext", CLASS,
)  # fmt: skip
ATTRIBUTE_NAMES = (
    (".", "ID"), (".", "Version"), (".", "IssueInstant"), ("a:Assertion", "ID"),
    ("a:Assertion", "Version"), ("a:Assertion", "IssueInstant"), (DATA, "Recipient"),
    (DATA, "NotOnOrAfter"), (CONFIRMATION, "Method"), ("p:Status/p:StatusCode", "Value"),
    (AUTHN, "AuthnInstant"), (f"{STATEMENT}/a:Attribute", "Name"),
)  # fmt: skip


def bad_form(rng: random.Random) -> Iterator[Case]:
    for path in REQUIRED:
        yield case(f"no {path}", lambda r, p=path: at(r, p).getparent().remove(at(r, p)))
    for path in ONCE:
        yield case(f"two of {path}", lambda r, p=path: at(r, p).addnext(copy.deepcopy(at(r, p))))
    for path, name in ATTRIBUTE_NAMES:
        if name != "ID":  # without one there is nothing to sign
            yield case(f"no {name} of {path}", lambda r, p=path, n=name: at(r, p).attrib.pop(n))
    for path in (*TEXTS, CLASS):
        for child in ("<y xmlns='urn:y'/>", f"<a:Audience xmlns:a='{SAML}'/>"):
            yield case(f"{child} inside {path}", insert(path, 0, child))
    for path in (".", "a:Assertion", SUBJECT, CONFIRMATION, DATA, CONDITIONS, AUTHN, STATEMENT):
        yield case(f"an attribute more at {path}", set_to(path, "Extra", "1"))
        if path != DATA:  # which may hold anything
            yield case(f"an element more in {path}", insert(path, 0, "<a:Extra/>"))
    for parent, first in ((".", "p:Status"), ("a:Assertion", SUBJECT), ("a:Assertion", CONDITIONS),
                          ("a:Assertion", AUTHN), (SUBJECT, CONFIRMATION)):  # fmt: skip

        def swap(root: Any, parent: str = parent, first: str = first) -> None:
            at(root, parent).insert(0, at(root, first))

        yield case(f"{first} before all else", swap)  # fmt: skip
    for condition in ("<a:Condition/>", "<y xmlns='urn:y'/>", "<a:Unknown/>"):
        yield case(f"the condition {condition}", insert(CONDITIONS, 1, condition))
    for twice in ("<a:OneTimeUse/>", '<a:ProxyRestriction Count="0"/>'):
        yield case(
            f"{twice} twice",
            lambda r, t=twice: [at(r, CONDITIONS).append(element(t)) for _ in range(2)],
        )


def bad_times() -> Iterator[Case]:
    for path, name in TIMES:
        for change in ("+00:00", "-05:00", ""):

            def edit(root: Any, path: str = path, name: str = name, change: str = change) -> None:
                one = at(root, path)
                one.set(name, one.get(name)[:19] + change)

            yield case(f"{name} of {path} with {change!r}", edit)  # fmt: skip
        for text in ("", "0", "1796000000", "2026-11-27", "now", "2026-13-01T00:00:00Z"):
            yield case(f"{name} of {path} = {text!r}", set_to(path, name, text))
    yield case(
        "NotBefore is NotOnOrAfter",
        lambda r: at(r, CONDITIONS).set("NotBefore", at(r, CONDITIONS).get("NotOnOrAfter")),
    )
    yield case(
        "NotBefore after NotOnOrAfter, both within the tolerance",
        lambda r: at(r, CONDITIONS).set(
            "NotBefore", at(r, CONDITIONS).get("NotOnOrAfter")[:19] + ".9Z"
        ),
    )
    yield case(
        "a session that is over", set_to(AUTHN, "SessionNotOnOrAfter", "2020-01-01T00:00:00Z")
    )
    yield case("a beginning of the confirmation", set_to(DATA, "NotBefore", "2020-01-01T00:00:00Z"))


def bad_values(rng: random.Random) -> Iterator[Case]:
    for path in (".", "a:Assertion"):
        for version in ("1.1", "2.1", "2", "3.0", " 2.0"):
            yield case(f"version {version} of {path}", set_to(path, "Version", version))
    for method in ("holder-of-key", "sender-vouches", "Bearer"):
        value = f"urn:oasis:names:tc:SAML:2.0:cm:{method}"
        yield case(f"method {method}", set_to(CONFIRMATION, "Method", value))
    for status in ("Responder", "Requester", "VersionMismatch", "success"):
        value = f"urn:oasis:names:tc:SAML:2.0:status:{status}"
        yield case(f"status {status}", set_to("p:Status/p:StatusCode", "Value", value))
    addresses = (
        "", "https://signin.aws.amazon.com", f"{SIGN_IN}/", f"{SIGN_IN}?x", SIGN_IN.upper(),
        "http://signin.aws.amazon.com/saml", "https://signin.aws.amazon.com:443/saml",
        "https://signin.aws.amazon.com.example/saml", "https://us-east-1.signin.aws.amazon.com/saml",
        "https://signin.amazonaws-us-gov.com/saml", f"{SIGN_IN}/acs/", f"{SIGN_IN}/acs/a/b",
    )  # fmt: skip
    for address in addresses:
        yield case(f"recipient {address!r}", set_to(DATA, "Recipient", address))
        yield case(f"destination {address!r}", set_to(".", "Destination", address))
    for audience in (
        "",
        "urn:amazon:webservices:govcloud",
        "URN:amazon:webservices",
        f"{SIGN_IN}/",
    ):
        yield case(
            f"audience {audience!r}", lambda r, a=audience: setattr(at(r, AUDIENCE), "text", a)
        )
    for path in ("a:Issuer", "a:Assertion/a:Issuer"):
        for text in ("", "http://www.okta.com/exk2", "HTTP://www.okta.com/exk1"):
            yield case(f"{path} = {text!r}", lambda r, p=path, t=text: setattr(at(r, p), "text", t))
        yield case(f"Format of {path}", set_to(path, "Format", "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"))  # fmt: skip  # noqa: E501
    yield case("an answer to nobody's request", set_to(DATA, "InResponseTo", "q1"))
    yield case("no name", lambda r: setattr(at(r, f"{SUBJECT}/a:NameID"), "text", " "))
    for name in ("a:EncryptedID", "a:BaseID"):
        yield case(
            name,
            lambda r, n=name: setattr(at(r, f"{SUBJECT}/a:NameID"), "tag", f"{{{SAML}}}{n[2:]}"),
        )


def bad_attributes(rng: random.Random) -> Iterator[Case]:
    for value in (
        "", ",", "{role}", "{provider}", "{role};{provider}", "{role},{provider},",
        ",{role},{provider}",
        "{role},{provider},{role}", "{role},{role},{provider}", "{provider},{role},{provider}",
        "{role},{role}", "{provider},{provider}", "{role}x,{provider}", "{role},{provider}x",
        "{role}/x,{provider}", "{role} {provider}",
    ):  # fmt: skip
        yield named(f"Role {value!r}", "Role", value)
    yield named("no Role value", "Role")
    allowed = string.ascii_letters + string.digits + "_+=,.@-"
    for sign in sorted(set(string.printable) - set(allowed) - set(string.whitespace) - set("<&")):
        yield named(f"{sign!r} in a session name", "RoleSessionName", f"ada{sign}x")
        yield named(f"{sign!r} in a source identity", "SourceIdentity", f"ada{sign}x")
    for name in ("a", "a" * 65, "", "ada lovelace", "\N{LATIN SMALL LETTER E WITH ACUTE}da"):
        yield named(f"session name {name!r}", "RoleSessionName", name)
        yield named(f"source identity {name!r}", "SourceIdentity", name)
    for name in ("RoleSessionName", "SourceIdentity", "SessionDuration", "PrincipalTag:team"):
        yield named(f"two values of {name}", name, "3600", "3600")
    for seconds in (
        "899",
        "43201",
        "0",
        "-900",
        "3600.0",
        "1e4",
        "",
        "one",
        "\u0663\u0666\u0660\u0660",
    ):
        yield named(f"duration {seconds!r}", "SessionDuration", seconds)
    for sign in "!\"#$%'()*,;?[\\]^`{|}~\u20ac\u00a9\u0301":
        yield named(
            f"{sign!r} in the key of a tag",
            f"PrincipalTag:te{sign if sign != chr(34) else '&quot;'}am",
            "blue",
        )
        yield named(f"{sign!r} in the value of a tag", "PrincipalTag:team", f"bl{sign}ue")
    yield named("a tag without a key", "PrincipalTag:", "blue")
    yield named("a key of 129", f"PrincipalTag:{'k' * 129}", "blue")
    yield named("a value of 257", "PrincipalTag:team", "v" * 257)
    for prefix in ("aws:", "AWS:", "Aws:"):
        yield named(f"a key that begins {prefix}", f"PrincipalTag:{prefix}team", "blue")
    yield attributes(
        "one key in two cases", **{"PrincipalTag:team": ["b"], "PrincipalTag:TEAM": ["b"]}
    )
    yield attributes("51 tags", **{f"PrincipalTag:k{n}": ["v"] for n in range(51)})
    yield named("a transitive key without its tag", "TransitiveTagKeys", "team")
    yield attributes(
        "a transitive key that is none",
        **{"PrincipalTag:team": ["b"], "TransitiveTagKeys": ["te!m"]},
    )
    for name in ("Role", "RoleSessionName", "SourceIdentity", "PrincipalTag:team"):
        yield case(
            f"an element inside the value of {name}",
            lambda r, n=name: [
                [
                    one.getparent().remove(one)
                    for one in r.iterfind(f".//a:Attribute[@Name='{ATTRIBUTES}{n}']", NAMES)
                ],
                foreign(f"{ATTRIBUTES}{n}", "ada@example.com<y xmlns='urn:y'/>")(r),
            ],
        )


def answer_to(federation: Any, changes: dict[str, Any]) -> Any:
    claims = {
        name: [
            value.format(role=federation.role, provider=federation.provider)
            if name == "Role"
            else value
            for value in values
        ]
        for name, values in changes.get("attributes", {}).items()
    }
    response = federation.idp.respond(
        federation.claims(attributes=claims), before=changes.get("before", lambda root: None)
    )
    return federation.enter(response)


@pytest.fixture(scope="module")
def plain(federate):
    """A role without sts:TagSession and sts:SetSourceIdentity."""
    return federate()


def test_good_responses_of_every_kind_get_in(federation, plain):
    cases = list(good(random.Random(SEED)))
    refused = []
    for what, changes in cases:
        tried = plain if "without AWS's prefix" in what else federation
        answer = answer_to(tried, changes)
        if answer.status != 200:
            refused.append((what, answer.text("Message")))
    assert refused == [], f"{len(refused)} of {len(cases)}, seed {SEED}"
    assert len(cases) > 150


def test_bad_responses_of_no_kind_get_in(federation):
    cases = list(bad(random.Random(SEED)))
    entered = [what for what, changes in cases if answer_to(federation, changes).status == 200]
    assert entered == [], f"{len(entered)} of {len(cases)}, seed {SEED}"
    assert len(cases) > 300
