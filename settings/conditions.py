"""What IAM can read as the value of a condition, and what it would silently never match.

Sources: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Variables and tags";
W3C, "Date and Time Formats", which the page on date operators refers to. Where the page leaves a
form open, it is refused: a value that AWS can't read matches nothing, so a `cannot` would hold.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, time
from typing import Any

from okta_aws_federation.iam.values import read_binary, read_boolean, read_network, read_number
from settings.errors import invalid
from settings.text import folded, hidden

Scalar = str | bool | int | float
ConditionMapping = dict[str, dict[str, Scalar | tuple[Scalar, ...]]]

OPERATORS = re.compile(
    r"(ForAllValues:|ForAnyValue:)?(?P<family>String|Numeric|Date|Bool|Binary|IpAddress|NotIpAddress"
    r"|Arn|Null)\w*"
)
KEY = re.compile(r"[^:*?${}\s]+:[^:*?${}\s][^*?${}\s]*")
VARIABLE = re.compile(r"\$\{([^}]*)\}")
MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:\d{2}))?"
)
FIRST_PLAUSIBLE_SECOND = 10**8
"""1973: a smaller number was meant as a year, or as something else."""


def has_value(value: Any) -> Any:
    """The value or values of a condition key, as YAML has them."""
    if isinstance(value, Scalar):
        return value
    if isinstance(value, list | tuple) and all(isinstance(each, Scalar) for each in value):
        if not value:
            raise invalid("is an empty list, which matches nothing", "add a value")
        return tuple(value)
    if value is None:
        raise invalid("has no value", "write one, or take the key out")
    raise invalid("must be a value or a list of values", "write it as [one, two]")


def can_match(conditions: ConditionMapping) -> ConditionMapping:
    """Conditions of which IAM can read every value. Raises what pydantic takes for a refusal."""
    for operator, keys in conditions.items():
        match = OPERATORS.fullmatch(operator)
        family = match["family"] if match else ""
        seen: dict[str, str] = {}
        for key, values in keys.items():
            condition_key(key, at=(operator, key))
            if (earlier := seen.setdefault(folded(key), key)) != key:
                rule = f"is {earlier} too, which IAM compares without case"
                raise invalid(rule, "take one out", at=(operator, key))
            for value in values if isinstance(values, tuple) else (values,):
                if problem := unreadable(value, family):
                    raise invalid(*problem, value=value, at=(operator, key))
    return conditions


def condition_key(key: str, at: Sequence[str] = ()) -> str:
    """A condition key in form. Raises what pydantic takes for a refusal."""
    if not KEY.fullmatch(key) or hidden(key):
        raise invalid("is no condition key", "write one such as aws:SourceIp", at=at)
    return key


def variable_fault(text: str) -> tuple[str, str] | None:
    """Why IAM can't replace a variable of a text, and how to write it; None if it can."""
    if "${" in VARIABLE.sub("", text):
        return "has ${ without }", "close it, or write ${$} for a dollar sign"
    for name in VARIABLE.findall(text):
        if name not in ("*", "?", "$") and not KEY.fullmatch(name.partition(",")[0]):
            return f"has ${{{name}}}, which stands for nothing", "write one such as ${aws:username}"
    return None


def unreadable(value: Scalar, family: str) -> tuple[str, str] | None:
    """Why IAM can't read a value of a family of operators, and how to write it, or None."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if fault := variable_fault(text):
        return fault
    if character := hidden(text):
        return f"holds an invisible character, {character}", "take it out: it matches nothing"
    if family not in READERS or "${" in text:
        return None
    read, rule, fix = READERS[family]
    try:
        read(text)
    except ValueError:
        return rule, fix
    return None


def read_moment(text: str) -> None:
    """`2026-12-31`, `2026-12-31T23:59:59Z` with Z or an offset, or seconds since 1970."""
    if re.fullmatch(r"\d+", text, re.ASCII) and int(text) >= FIRST_PLAUSIBLE_SECOND:
        return
    match = MOMENT.fullmatch(text)
    if match is None:
        raise ValueError
    date.fromisoformat(match[1])
    if match[2]:
        time.fromisoformat(match[2][:8])


def read_range(text: str) -> None:
    """An address or a range; unlike `sourceIps`, IAM takes a range whose address is inside it.

    Refused with what Python would read and RFC 4632 does not have: masks, zones, leading zeros.
    """
    if not re.fullmatch(r"[0-9a-fA-F.:]+(/(0|[1-9]\d{0,2}))?", text):
        raise ValueError
    read_network(text)


def read_arn_pattern(text: str) -> None:
    """`*`, or the six parts of an ARN, each perhaps with wildcards."""
    if text != "*" and not (text.startswith("arn:") and text.count(":") >= 5):
        raise ValueError


NETWORK = (read_range, "is not a range of addresses", "write it as 203.0.113.0/24")
BOOLEAN = (read_boolean, "is neither true nor false", "write true or false")
READERS: Mapping[str, tuple[Callable[[str], object], str, str]] = {
    "Numeric": (read_number, "is not a number that IAM can read", "write digits alone, such as 10"),
    "Date": (
        read_moment,
        "is not a day or moment that IAM can read",
        'write it as "2026-12-31" or "2026-12-31T23:59:59Z"',
    ),
    "Bool": BOOLEAN,
    "Null": BOOLEAN,
    "Binary": (read_binary, "is not base64", "encode it"),
    "IpAddress": NETWORK,
    "NotIpAddress": NETWORK,
    "Arn": (
        read_arn_pattern,
        "is not an ARN: no wildcard stands for one of its five first colons",
        "write it as arn:aws:iam::123456789012:role/*",
    ),
}
"""Family of operators -> what reads one of its values or raises ValueError, then rule and fix."""
