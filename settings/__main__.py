"""`python -m settings`: a new environment, as a stack file that would deploy."""

import argparse
import re
import sys
from pathlib import Path
from typing import Any

from settings.environment import Answers, summary, write
from settings.refusals import SettingsError

UNUSABLE, INTERRUPTED = 2, 130
STACK_NAME = r"[A-Za-z0-9_.-]{1,100}"

ASKED = {
    "account_id": ("--account-id", "ID", "AWS account of the environment, 12 digits"),
    "region": ("--region", "REGION", "region of the account, such as us-east-1"),
    "role": ("--role", "NAME", "AWS role, such as OktaDeveloper"),
    "policies": ("--policy", "POLICY", "what it may do: managed policies, as ReadOnlyAccess"),
    "group": ("--group", "NAME", "Okta group whose people enter it"),
    "members": ("--member", "LOGIN", "the group's people, by login"),
    "owner": ("--owner", "TEAM", "tag `owner` of everything in AWS, such as identity"),
}
"""What can't be done without: flag and meaning; asked for on a terminal, if it is missing."""
SEVERAL = {"policies", "members"}
AGAIN = "; may be given several times"


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m settings", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    new = commands.add_parser(
        "new",
        help="write Pulumi.NAME.yaml",
        description="Write the stack file of a new environment, checked as a deployment would.",
        epilog="On a terminal, what is missing is asked for. An existing file is left alone.",
    )
    new.add_argument("name", metavar="NAME", help="the stack's name, such as staging")
    for key, (flag, metavar, told) in ASKED.items():
        if key in SEVERAL:
            new.add_argument(flag, dest=key, metavar=metavar, action="append", help=told + AGAIN)
        else:
            new.add_argument(flag, dest=key, metavar=metavar, help=told)
    for flag, told in (
        ("--can", "what the group must be able to do"),
        ("--cannot", "and what not"),
    ):
        told = f"{told}, such as ec2:DescribeInstances{AGAIN}"
        new.add_argument(flag, action="append", default=[], metavar="ACTION", help=told)
    new.add_argument("--label", help='the tile\'s name in Okta ("AWS NAME")')
    new.add_argument(
        "--protect", action="store_true", help="let nothing be deleted that people enter by"
    )
    new.add_argument("--json", action="store_true", help="for programs")
    return top


def answers(given: argparse.Namespace) -> Answers:
    """The flags, and what a person says where one is missing. Raises SettingsError elsewhere."""
    if not re.fullmatch(STACK_NAME, given.name):
        raise SettingsError(
            f"NAME = {given.name!r}: must be 1 to 100 letters, digits or . _ -; rename the stack"
        )
    missing = [key for key in ASKED if not getattr(given, key)]
    if missing and not sys.stdin.isatty():
        flags = ", ".join(ASKED[key][0] for key in missing)
        raise SettingsError(f"{flags}: missing; give it, or run this on a terminal to be asked")
    said: dict[str, Any] = {key: getattr(given, key) or asked(key) for key in ASKED}
    return Answers(
        name=given.name,
        can=given.can,
        cannot=given.cannot,
        label=given.label or f"AWS {given.name}",
        protect=given.protect,
        **said,
    )


def asked(key: str) -> str | list[str]:
    _, _, meaning = ASKED[key]
    answer = input(f"{meaning}{', with spaces between' if key in SEVERAL else ''}: ").strip()
    return answer.split() if key in SEVERAL else answer


def main() -> int:
    given = parser().parse_args()
    folder = Path.cwd()
    try:
        if not (folder / "Pulumi.yaml").exists():
            raise SettingsError(f"{folder}: has no Pulumi.yaml; run this in the project's folder")
        path = write(answers(given), folder)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return UNUSABLE
    except OSError as error:
        print(f"{error.filename}: can't be written: {error.strerror}", file=sys.stderr)
        return UNUSABLE
    except (KeyboardInterrupt, EOFError):
        print("\ninterrupted: nothing was written", file=sys.stderr)
        return INTERRUPTED
    print(summary(path, as_json=given.json))
    return 0


if __name__ == "__main__":
    sys.exit(main())
