"""`python -m access`: who reaches what in a stack file, without a cloud."""

import argparse
import json
import sys
from pathlib import Path

from access.aws_managed import snapshot
from access.estate import Estate
from access.expectations import missed
from settings import SettingsError, read

FINE, MISSED, UNUSABLE = 0, 1, 2


def check(estate: Estate, arguments: argparse.Namespace) -> int:
    found = missed(estate.stack)
    if arguments.json:
        print(json.dumps({"missed": found, "policiesOf": snapshot()["date"]}))
    else:
        print("\n".join(found) or f"{len(estate.stack.expect)} expectations hold")
    return MISSED if found else FINE


def matrix(estate: Estate, arguments: argparse.Namespace) -> int:
    rows = {
        login: [f"{entry.place.account}/{entry.place.role}" for entry in entries]
        for login, entries in estate.entries.items()
    }
    if arguments.json:
        print(json.dumps(rows))
    else:
        width = max((len(login) for login in rows), default=0)
        print("\n".join(f"{login:{width}}  {', '.join(roles)}" for login, roles in rows.items()))
    return FINE


def explain(estate: Estate, arguments: argparse.Namespace) -> int:
    answer = estate.answer(arguments.person, arguments.action, arguments.resource)
    if arguments.json:
        print(json.dumps({"allowed": answer.allowed, "reason": answer.reason}))
    else:
        print(f"{'allowed' if answer.allowed else 'denied'}: {answer.reason}")
        print(f"(policies of AWS as of {snapshot()['date']})")
    return FINE if answer.allowed else MISSED


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m access", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    for run, told in (
        (check, "the expectations of a stack file; 1 if one does not hold"),
        (matrix, "who can enter which roles"),
        (explain, "whether a person may do something, and why; 1 if not"),
    ):
        command = commands.add_parser(run.__name__, help=told)
        command.add_argument("file", type=Path, help="such as Pulumi.dev.yaml")
        command.add_argument("--json", action="store_true", help="for programs")
        command.set_defaults(run=run)
        if run is explain:
            command.add_argument("person", help="a login")
            command.add_argument("action", help="such as ec2:DescribeInstances")
            command.add_argument("resource", nargs="?", default="*", help="an ARN")
    return top


def main() -> int:
    arguments = parser().parse_args()
    try:
        estate = Estate(read(arguments.file))
    except SettingsError as error:
        print(error, file=sys.stderr)
        return UNUSABLE
    result: int = arguments.run(estate, arguments)
    return result


if __name__ == "__main__":
    sys.exit(main())
