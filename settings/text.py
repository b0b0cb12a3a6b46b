"""What texts of a stack file may hold, where a pattern alone can't say it or say why."""

import re
import unicodedata
from itertools import pairwise

from settings.errors import invalid

BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
"""Letters and marks that show nothing: Unicode, Default_Ignorable_Code_Point, and U+2800."""
INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""Categories of Unicode: control and format characters, halves, unassigned, separators."""


def hidden(value: str) -> str | None:
    """The first character of a text that a person can't see, by code and name."""
    for before, each in pairwise(f" {value}"):
        name = unicodedata.name(each, "a control character").lower()
        # Behind a symbol, such a selector makes an emoji of it.
        selects_nothing = "variation selector" in name and unicodedata.category(before)[0] != "S"
        control = unicodedata.category(each) in INVISIBLE and each not in "\t\n\r"
        if control or selects_nothing or each in BLANK:
            return f"U+{ord(each):04X} ({name})"
    return None


def visible(value: str) -> str:
    """Free text as Okta and AWS show it: nothing in it that a person can't see."""
    if character := hidden(value):
        raise invalid(f"holds an invisible character, {character}", "take it out")
    if value and not value.strip():
        raise invalid("is blank", "write something, or take it out")
    return value


def one_line(value: str) -> str:
    """The same, for what stands in one line, such as a name."""
    if any(each in "\t\n\r" for each in value):
        raise invalid("holds a tab or a line break", "write it in one line")
    return visible(value)


def trimmed_line(value: str) -> str:
    """The same, for names that people and programs compare."""
    if value.strip() not in ("", value):
        raise invalid("begins or ends with a blank", "take it out")
    return one_line(value)


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
    r"""IAM and STS API Reference, Tag: [\p{L}\p{Z}\p{N}_.:/=+\-@]; "Rules for tagging in IAM"."""
    if value.lower().startswith("aws:"):
        raise invalid("begins with aws:, which AWS keeps for itself", "reword it")
    for each in value:
        if unicodedata.category(each)[0] not in "LZN" and each not in "_.:/=+-@":
            raise invalid(
                f"holds {each!r}, and a tag takes letters, digits, spaces or . : / = + @ - _",
                "reword it",
            )
    return one_line(value) if value.strip() else value


def tag_key(value: str) -> str:
    """A tag's key: the same characters, not one of AWS's own, and not blank."""
    if not value.strip():
        raise invalid("is blank", "write a key")
    return tag_text(trimmed_line(value))


def alike(name: str) -> str:
    """A name as people see it: without case, accents in one form, blanks single."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def folded(name: str) -> str:
    """A name as IAM compares it: ASCII letters without case."""
    return "".join(each.lower() if each.isascii() else each for each in name)
