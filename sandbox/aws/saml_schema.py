"""The form of a SAML response: OASIS's XML Schema, and what SAML's text adds to it.

Source: saml-schema-protocol-2.0.xsd and saml-schema-assertion-2.0.xsd as python3-saml ships them;
SAML 2.0 Core, 1.3.3 (times are UTC), 2.5.1 (conditions); SAML 2.0 Profiles, 4.1.4.2 (what a
response for web single sign-on has).
"""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.resources import as_file, files

from lxml import etree

from sandbox.aws.safe_xml import SAML_ASSERTION

_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z", re.ASCII)
_TIMES = ("IssueInstant", "NotBefore", "NotOnOrAfter", "AuthnInstant", "SessionNotOnOrAfter")
_ENTITY = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
_ONCE = ("OneTimeUse", "ProxyRestriction")
_CONDITIONS = ("AudienceRestriction", *_ONCE)


class InvalidResponse(ValueError):
    """The response is against SAML's schema or against the rules in its text."""


def check_schema(response: etree._Element) -> None:
    """Validate a whole response, signatures included. Raises InvalidResponse."""
    schema = _schema()
    if not schema.validate(response):
        error = schema.error_log.last_error
        raise InvalidResponse(error.message if error is not None else "not valid")


def check_profile(response: etree._Element, assertion: etree._Element) -> None:
    """What no schema can tell: of the response and of its assertion. Raises InvalidResponse."""
    for element in (response, *assertion.iter(f"{SAML_ASSERTION}*")):
        for name in _TIMES:
            if name in element.attrib:
                parse_time(element.get(name))
    for parent in (response, assertion):
        issuer = parent.find(f"{SAML_ASSERTION}Issuer")
        if issuer is not None and issuer.get("Format", _ENTITY) != _ENTITY:
            raise InvalidResponse("the Format of an Issuer is not entity")
    if assertion.find(f"{SAML_ASSERTION}AuthnStatement") is None:
        raise InvalidResponse("no AuthnStatement")
    conditions = assertion.find(f"{SAML_ASSERTION}Conditions")
    if conditions is not None:
        _check_conditions(conditions)


def parse_time(text: str | None) -> datetime:
    """A SAML time: UTC, in the one form of Core 1.3.3. Raises InvalidResponse."""
    if text is None or _TIME.fullmatch(text) is None:
        raise InvalidResponse(f"{text!r} is not a time in UTC")
    try:
        moment = datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        raise InvalidResponse(f"{text!r} is not a time in UTC") from None
    return moment + timedelta(seconds=float(f"0{text[19:-1]}"))


def _check_conditions(conditions: etree._Element) -> None:
    """A condition that is not understood makes an assertion invalid (Core 2.5.1.1)."""
    elements = conditions.iterchildren(etree.Element)
    children = [str(one.tag).removeprefix(SAML_ASSERTION) for one in elements]
    if any(name not in _CONDITIONS for name in children):
        raise InvalidResponse("a condition that is not understood")
    if any(children.count(name) > 1 for name in _ONCE):
        raise InvalidResponse("a condition twice")


@lru_cache(maxsize=1)
def _schema() -> etree.XMLSchema:
    with as_file(files("onelogin.saml2") / "schemas") as folder:
        return etree.XMLSchema(file=str(folder / "saml-schema-protocol-2.0.xsd"))
