"""People and groups: who is shut out, who is let in without being meant."""

import re
from collections.abc import Iterator

from access.answers import Subject, no_role_reason
from access.findings.finding import Finding, Severity, error, note, warning
from access.model import AccessModel
from access.request_context import SELF_EDITED

_EVERYBODY = re.compile(
    r"""true|!\s*false|user\.\w+\s*!=\s*(null|""|'')|String\.len\(user\.\w+\)\s*>\s*0
    |String\.stringContains\(user\.(login|email),\s*["'][@.]?["']\)
    |String\.startsWith\(user\.\w+,\s*(""|'')\)""",
    re.VERBOSE,
)
"""Comparisons that no person of an org fails: everybody has a login and an e-mail address."""
_ATTRIBUTE = re.compile(r"\buser\.(\w+)")
_TOKEN = re.compile(
    r""""[^"]*"|'[^']*'|[()]|\s+(?:or|and)\s+|\s*(?:\|\||&&)\s*|.""", re.IGNORECASE | re.DOTALL
)


def takes_everybody(expression: str) -> bool:
    """Whether the form of an expression shows that it holds for every person."""
    text = expression.strip()
    either, both = _parts(text, ("or", "||")), _parts(text, ("and", "&&"))
    if len(either) > 1:
        opposite = {" ".join(each.split()).replace("!=", "==") for each in either if "!=" in each}
        plain = {" ".join(each.split()) for each in either}
        return any(map(takes_everybody, either)) or bool(opposite & plain)
    if len(both) > 1:
        return all(map(takes_everybody, both))
    if text.startswith("(") and text.endswith(")"):
        return takes_everybody(text[1:-1])
    left, equals, right = text.partition("==")
    same = bool(equals) and left.strip() == right.strip()
    return same or _EVERYBODY.fullmatch(text) is not None


def _parts(text: str, operators: tuple[str, ...]) -> list[str]:
    """What stands between the operators outside of quotes and parentheses."""
    parts, depth = [""], 0
    for each in _TOKEN.findall(text):
        depth += (each == "(") - (each == ")")
        if depth == 0 and each.strip().lower() in operators:
            parts.append("")
        else:
            parts[-1] += each
    return [part.strip() for part in parts]


def group_is_empty(model: AccessModel) -> Iterator[Finding]:
    """Nobody is in a group by name, by rule, or because a directory says so."""
    for name, group in model.stack.groups.items():
        if group.is_managed and not (group.rule or model.stack.members(name)):
            yield note(
                "group-is-empty",
                f"groups.{name}",
                "",
                "has nobody in it",
                "add members or a rule, unless it is kept empty on purpose",
            )


def group_is_for_everybody(model: AccessModel) -> Iterator[Finding]:
    """A rule that no person of the org fails."""
    for name, group in model.stack.groups.items():
        if group.rule and takes_everybody(group.rule):
            yield error(
                "group-is-for-everybody",
                f"groups.{name}.rule",
                group.rule,
                "takes every person of the org into the group, and so into its roles",
                "narrow the rule",
            )


def priority_hides_roles(model: AccessModel) -> Iterator[Finding]:
    """Of a person's groups only the one that wins gives roles."""
    stack = model.stack
    if model.adds_up_groups:
        return
    for login, groups in model.groups_of.items():
        winner, *others = groups
        won = set(stack.groups[winner].roles)
        hidden = sorted({role for name in others for role in stack.groups[name].roles} - won)
        if not hidden:
            continue
        by_name = all(stack.groups[name].priority is None for name in groups)
        reason = (
            "which comes first by name, as no group has a priority"
            if by_name
            else ("whose priority wins")
        )
        fix = "set priority for both groups, " if by_name else ""
        yield warning(
            "priority-hides-roles",
            f"groups.{others[0]}.members",
            login,
            f"is in {winner} too, {reason}: {', '.join(hidden)} is not offered",
            f"{fix}take them out of one group, give {winner} these roles, or combine roles",
        )


def nobody_lets_them_in(model: AccessModel) -> Iterator[Finding]:
    """Okta offers roles, and AWS refuses each of them."""
    for login, offered in model.offered_roles.items():
        if offered and not model.assumable_roles[login]:
            yield warning(
                "shut-out",
                f"groups.{model.groups_of[login][0]}.members",
                login,
                no_role_reason(model, Subject(login=login)),
                "mend the role's trust, or take the person out",
            )


def membership_is_over(model: AccessModel) -> Iterator[Finding]:
    """A temporary membership whose last day has passed."""
    for name, group in model.stack.groups.items():
        for login, last in group.temporary.items():
            if last < model.stack.today:
                yield note(
                    "membership-is-over",
                    f"groups.{name}.temporary.{login}",
                    str(last),
                    "has passed, so the next run takes the person out",
                    "remove the line after that",
                )


def nobody_enters(model: AccessModel) -> Iterator[Finding]:
    """No group is left, or nobody is in any, so the update would leave nobody who enters a role.

    A group with `temporary`, be it empty, waits for people, as for emergencies. Ended memberships
    count as people: the update that ends the last one has to run. Before the step by hand nobody
    enters anyway.
    """
    stack = model.stack
    used = (
        group.members or group.rule or not group.is_managed or "temporary" in group.model_fields_set
        for group in stack.groups.values()
    )
    if stack.app.active and not any(used):
        waits = stack.groups and not stack.assignments_enabled
        yield Finding(
            Severity.WARNING if waits else Severity.ERROR,
            "nobody-enters",
            "groups",
            "",
            "have no members, so nobody can assume any role"
            if stack.groups
            else "has no group, so nobody can assume any role",
            "add members or a rule; if that is meant, set temporary: {} in a group that waits for "
            "people, or app.active: false",
        )


def people_edit_it(model: AccessModel) -> Iterator[Finding]:
    """A rule or a session tag that follows an attribute which people may change of themselves.

    Not of the e-mail address, whose change Okta has confirmed from the new one.
    """
    stack = model.stack
    expressions = {f"groups.{name}.rule": group.rule for name, group in stack.groups.items()}
    expressions |= {f"app.sessionTags.{key}": each for key, each in stack.app.session_tags.items()}
    for key, text in expressions.items():
        for name in sorted({*_ATTRIBUTE.findall(text or "")} & SELF_EDITED - {"email"}):
            yield Finding(
                Severity.NOTE,
                "people-edit-it",
                key,
                text or "",
                f"reads user.{name}, which people may change of themselves by Okta's default",
                "read another attribute, or make it read-only in Okta's Profile Editor",
            )


CHECKS = (
    nobody_enters,
    people_edit_it,
    group_is_empty,
    group_is_for_everybody,
    priority_hides_roles,
    nobody_lets_them_in,
    membership_is_over,
)
