"""`expect` of a stack file: what people must be able to do, and must not."""

from access.estate import Estate
from settings import Settings


def missed(stack: Settings) -> list[str]:
    """The expectations that do not hold, one line each: key, who, action, reason, change."""
    estate = Estate(stack)
    found = []
    for number, expected in enumerate(stack.expect):
        key = f"okta-aws-federation:expect.{number}"
        for action in expected.can:
            answer = estate.answer(expected.user, action)
            if not answer.allowed:
                found.append(
                    f"{key}.can = {action!r}: {expected.user} can't, {answer.reason}; "
                    f"{remedy(estate, expected.user, action)}"
                )
        for action in expected.cannot:
            answer = estate.answer(expected.user, action)
            if answer.allowed:
                found.append(
                    f"{key}.cannot = {action!r}: {expected.user} can, {answer.reason}; "
                    "take that policy from the role, or the person out of the group"
                )
    return found


def remedy(estate: Estate, login: str, action: str) -> str:
    """The shortest change that lets a person do something: a group that opens a fitting role."""
    for place in estate.stack.places.values():
        if estate.decide(login, place, action).allowed:
            for name, group in sorted(estate.stack.groups.items()):
                if place.role in group.roles:
                    return f"add {login} to groups.{name}.members, which opens {place.role}"
    return f"add a policy that allows {action} to a role of theirs"
