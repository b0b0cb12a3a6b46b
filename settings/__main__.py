"""`python -m settings`: a new environment, as a stack file that would deploy."""

import argparse
import os
import re
import sys
from pathlib import Path
from typing import Any

from settings.errors import SettingsError
from settings.new_stack import NewStack, summary, write
from settings.okta import DEFAULT_BASE_URL
from settings.stack import Settings

USAGE_ERROR, INTERRUPTED = 2, 130
STACK_NAME = r"[A-Za-z0-9_.-]{1,100}"

REQUIRED = {
    "account_id": ("--account-id", "ID", "AWS account of the environment, 12 digits"),
    "region": ("--region", "REGION", "region of the account, such as us-east-1"),
    "role": ("--role", "NAME", "AWS role, such as OktaDeveloper"),
    "policies": ("--policy", "POLICY", "what it may do: managed policies, as ReadOnlyAccess"),
    "group": ("--group", "NAME", "Okta group whose members assume the role"),
    "members": ("--member", "LOGIN", "the group's people, by login"),
    "owner": ("--owner", "TEAM", "tag `owner` of everything in AWS, such as identity"),
}
"""Required values: flag, placeholder and meaning. On a terminal, missing ones are prompted for."""
LISTS = {"policies", "members"}
REPEATABLE = "; can be repeated"


def parser() -> argparse.ArgumentParser:
    """The command line: `new`, with a flag for each value."""
    top = argparse.ArgumentParser(prog="python -m settings", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    new = commands.add_parser(
        "new",
        help="write Pulumi.NAME.yaml",
        description="Write the stack file of a new environment, checked as a deployment would.",
        epilog="On a terminal, what is missing is asked for. An existing file is left alone.",
    )
    new.add_argument("name", metavar="NAME", help="the stack's name, such as staging")
    for key, (flag, metavar, text) in REQUIRED.items():
        if key in LISTS:
            new.add_argument(
                flag, dest=key, metavar=metavar, action="append", help=text + REPEATABLE
            )
        else:
            new.add_argument(flag, metavar=metavar, help=text)
    for flag, text in (
        ("--can", "what the group must be able to do"),
        ("--cannot", "and what not"),
    ):
        text = f"{text}, such as ec2:DescribeInstances{REPEATABLE}"
        new.add_argument(flag, action="append", default=[], metavar="ACTION", help=text)
    new.add_argument(
        "--okta-org",
        metavar="HOST",
        help="Okta org that the stack is for, such as acme.okta.com (OKTA_ORG_NAME.OKTA_BASE_URL)",
    )
    new.add_argument("--label", help='the tile\'s name in Okta ("AWS NAME")')
    new.add_argument(
        "--protect", action="store_true", help="refuse to delete what people sign in with"
    )
    new.add_argument("--json", action="store_true", help="for programs")
    return top


def new_stack(arguments: argparse.Namespace) -> NewStack:
    """The values of the flags, and of prompts where one is missing.

    Raises SettingsError for a bad stack name, and for a missing flag without a terminal.
    """
    if not re.fullmatch(STACK_NAME, arguments.name):
        raise SettingsError(
            f"NAME = {arguments.name!r}: must be 1 to 100 letters, digits or . _ -; "
            "rename the stack"
        )
    missing = [key for key in REQUIRED if not getattr(arguments, key)]
    if missing and not sys.stdin.isatty():
        flags = ", ".join(REQUIRED[key][0] for key in missing)
        raise SettingsError(f"{flags}: missing; give it, or run this on a terminal to be asked")
    values: dict[str, Any] = {key: getattr(arguments, key) or prompt(key) for key in REQUIRED}
    return NewStack(
        name=arguments.name,
        can=arguments.can,
        cannot=arguments.cannot,
        label=arguments.label or f"AWS {arguments.name}",
        protect=arguments.protect,
        okta_org=okta_org(arguments.okta_org),
        **values,
    )


def okta_org(flag: str | None) -> str:
    """The org's address: of the flag, of the variables of Okta's provider, or of a prompt."""
    if flag is not None:
        return flag
    if name := os.environ.get("OKTA_ORG_NAME"):
        return f"{name}.{os.environ.get('OKTA_BASE_URL') or DEFAULT_BASE_URL}"
    if not sys.stdin.isatty():
        return ""
    return input("Okta org, such as acme.okta.com (empty: whichever a run calls): ").strip()


def prompt(key: str) -> str | list[str]:
    """The value that somebody types on the terminal."""
    _, _, meaning = REQUIRED[key]
    answer = input(f"{meaning}{', with spaces between' if key in LISTS else ''}: ").strip()
    return answer.split() if key in LISTS else answer


def refusals(stack: Settings) -> list[str]:
    """With which lines a deployment of the stack would be refused."""
    from access import preflight  # the model stands on the settings, this command on the model
    from access.model import AccessModel

    return preflight.refusals(AccessModel(stack))


def main() -> int:
    """Run the command, and return the exit code."""
    arguments = parser().parse_args()
    folder = Path.cwd()
    try:
        if not (folder / "Pulumi.yaml").exists():
            raise SettingsError(f"{folder}: has no Pulumi.yaml; run this in the project's folder")
        path = write(new_stack(arguments), folder, refusals)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return USAGE_ERROR
    except (KeyboardInterrupt, EOFError):
        print("\ninterrupted: nothing was written", file=sys.stderr)
        return INTERRUPTED
    print(summary(path, as_json=arguments.json))
    return 0


if __name__ == "__main__":
    sys.exit(main())
