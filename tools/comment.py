"""`python -m tools.comment FILE...`: the comment of a pull request, from the answers of `access`.

The first line is a marker, by which the workflow finds the comment again and replaces it: `gh pr
comment --edit-last` would take whatever the same user commented last. GitHub refuses a body of more
than 65,536 characters, so a longer one is cut at the end of a line, and says how many are missing.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from access.change_report import LONGEST_COMMENT

MARKER = "<!-- okta-aws-federation: access -->"


def body(answers: Sequence[str]) -> str:
    """The comment of several answers, in their order, no longer than GitHub takes."""
    lines = [MARKER, *"\n\n".join(each.strip() for each in answers if each.strip()).split("\n")]
    whole = "\n".join(lines) + "\n"
    if len(whole) <= LONGEST_COMMENT:
        return whole
    room = LONGEST_COMMENT - len(_rest(len(lines)))
    shown: list[str] = []
    for line in lines:
        if room < len(line) + 1:
            break
        room -= len(line) + 1
        shown.append(line)
    return "\n".join(shown) + "\n" + _rest(len(lines) - len(shown))


def _rest(lines: int) -> str:
    return f"\n{lines} more lines: see the log of this run, or `python -m access diff`.\n"


def main(arguments: Sequence[str]) -> int:
    answers = [Path(argument).read_text(encoding="utf-8") for argument in arguments]
    sys.stdout.write(body(answers))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
