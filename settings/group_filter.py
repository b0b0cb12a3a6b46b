"""Which regular expressions a `groupFilter` may be: what Okta and this program read alike.

Okta evaluates the filter in Java, this program in Python, and both by backtracking: an expression
that repeats what repeats can take longer than anybody waits, for one name. Such expressions are
refused by their form, so that a check and a preview always end.
"""

import re
from collections.abc import Iterator
from re import _constants as kinds  # type: ignore[attr-defined] # there is no public parser
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from okta_aws_federation.group_names import compile_group_filter, missing_capture
from settings.errors import invalid

MOST_REPEATS = 4
"""Repeats one after the other. Each multiplies the work by the length of a name, 255 at most."""
MANY = 16
"""From how many times on a repeat counts as one without an end."""
PYTHON_ONLY = {
    "(?P": "(?{{role}}...) for a capture",
    "(?#": "the expression without comments",
    "(?(": "the expression without conditions",
    "(?a": "the expression without flags of Python",
    "(?L": "the expression without flags of Python",
    "(?u": "the expression without flags of Python",
    r"\Z": "$ for the end",
}
REPEATS = (kinds.MAX_REPEAT, kinds.MIN_REPEAT, kinds.POSSESSIVE_REPEAT)


def group_filter(value: str) -> str:
    """The filter as it stands. Raises what pydantic takes for a refusal."""
    for syntax, instead in PYTHON_ONLY.items():
        if syntax in value:
            raise invalid(f"has {syntax}, which Okta does not read", f"write {instead}")
    if re.search(r"\[[^]]*(\[|&&)", re.sub(r"\\.", "", value)):
        raise invalid(
            "has a set inside a set, which Okta and this program read differently",
            "write one set, such as [A-Za-z0-9-]",
        )
    try:
        pattern = compile_group_filter(value).pattern
    except (re.error, OverflowError, RecursionError) as error:
        raise invalid(f"is not a regular expression: {error}", "correct it") from None
    if capture := missing_capture(value):
        fix = r"write it as aws_(?{{accountid}}\d+)_(?{{role}}[\w-]+)"
        raise invalid(f"has no capture {capture}...)", fix)
    repeats = [*unbounded(parser.parse(pattern))]
    if any(repeats_inside for repeats_inside in repeats):
        raise invalid(
            "repeats a part that itself repeats or has alternatives, which can take for ever",
            "write it without a repeat around a group, such as [\\w-]+",
        )
    if len(repeats) > MOST_REPEATS:
        rule = f"has {len(repeats)} repeats without an end, which can take for ever"
        raise invalid(rule, f"write it with {MOST_REPEATS} at most")
    return value


def unbounded(items: Any) -> Iterator[bool]:
    """Of each repeat without an end, whether something in it makes the work explode."""
    for operator, argument in items:
        if operator in REPEATS:
            _, most, body = argument
            if most >= MANY:
                yield branches(body)
            yield from unbounded(body)
        elif operator is kinds.BRANCH:
            for branch in argument[1]:
                yield from unbounded(branch)
        elif operator in (kinds.SUBPATTERN, kinds.ATOMIC_GROUP):
            yield from unbounded(argument[-1] if operator is kinds.SUBPATTERN else argument)
        elif operator in (kinds.ASSERT, kinds.ASSERT_NOT):
            yield from unbounded(argument[1])


def branches(items: Any) -> bool:
    """Whether a part repeats, or has alternatives."""
    for operator, argument in items:
        if operator in REPEATS or operator is kinds.BRANCH or operator is kinds.GROUPREF:
            return True
        if operator is kinds.SUBPATTERN and branches(argument[-1]):
            return True
        if operator is kinds.ATOMIC_GROUP and branches(argument):
            return True
        if operator in (kinds.ASSERT, kinds.ASSERT_NOT) and branches(argument[1]):
            return True
    return False
