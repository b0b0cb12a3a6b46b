"""What texts of a stack file may hold, where a pattern alone can't say it or say why."""

import re
import unicodedata

from settings.errors import invalid

INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""Categories of Unicode: control and format characters, halves, unassigned, separators."""


def visible(value: str) -> str:
    """Free text as Okta and AWS show it: nothing in it that a person can't see."""
    for each in value:
        if unicodedata.category(each) in INVISIBLE and each not in "\t\n\r":
            code = f"U+{ord(each):04X}"
            name = unicodedata.name(each, "a control character").lower()
            raise invalid(f"holds an invisible character, {code} ({name})", "take it out")
    if value and not value.strip():
        raise invalid("is blank", "write something, or take it out")
    return value


def one_line(value: str) -> str:
    """The same, for what stands in one line, such as a name."""
    if any(each in "\t\n\r" for each in value):
        raise invalid("holds a tab or a line break", "write it in one line")
    return visible(value)


def iam_description(value: str) -> str:
    """IAM API Reference, CreateRole: [\\t\\n\\r\\x20-\\x7E\\xA1-\\xFF]*."""
    for each in value:
        if not re.fullmatch(r"[\t\n\r\x20-\x7e\xa1-\xff]", each):
            name = unicodedata.name(each, "a control character").lower()
            raise invalid(
                f"holds {each!r} ({name}), and IAM takes letters of Western Europe and ASCII alone",
                "replace it, such as a long dash by -",
            )
    return value


def tag_text(value: str) -> str:
    r"""IAM and STS API Reference, Tag: [\p{L}\p{Z}\p{N}_.:/=+\-@]."""
    for each in value:
        if unicodedata.category(each)[0] not in "LZN" and each not in "_.:/=+-@":
            raise invalid(
                f"holds {each!r}, and a tag takes letters, digits, spaces or . : / = + @ - _",
                "reword it",
            )
    return one_line(value) if value.strip() else value


def tag_key(value: str) -> str:
    if value.lower().startswith("aws:"):
        raise invalid("begins with aws:, which AWS keeps for itself", "rename the tag")
    if not value.strip():
        raise invalid("is blank", "write a key")
    return tag_text(value)


def group_rule(value: str) -> str:
    """A group rule's expression. Okta reads it when the rule is made, in the middle of an update.

    Source: Okta help, "Okta Expression Language overview" and "About group rules".
    """
    outside = re.sub(r""""[^"]*"|'[^']*'""", '""', value)
    if '"' in outside.replace('""', "") or "'" in outside:
        raise invalid("has a quote that is not closed", "close it")
    if outside.count("(") != outside.count(")"):
        raise invalid("has parentheses that are not in pairs", "close them")
    if re.search(r"(?<![=!<>])=(?!=)", outside):
        raise invalid("has a single =", "write == to compare")
    if re.search(r"\buser\.status\b", outside):
        raise invalid("reads user.status, which a group rule can't", "test another attribute")
    return value


def folded(name: str) -> str:
    """A name as IAM compares it: ASCII letters without case."""
    return "".join(each.lower() if each.isascii() else each for each in name)
