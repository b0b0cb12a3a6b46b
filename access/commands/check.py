from dataclasses import asdict

import click

from access.commands.options import FINE, MISSED, Question, stack_file
from access.expectations import Outcome
from access.findings import Finding, Severity, findings
from access.remedies import missed, unproven

COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "blue"}


@click.command()
@click.option("--strict", is_flag=True, help="Warnings, and what can't be shown, count as missed.")
@stack_file
def check(question: Question, strict: bool) -> int:
    """Hold the expectations of a stack file, and say what else does not fit in it.

    Exit code 0: all is well; 1: an expectation is missed, or there is an error; 2: the file is
    refused.
    """
    estate = question.estate
    broken, still_open, found = missed(estate), unproven(estate), findings(estate)
    expected = sum(len(each.can) + len(each.cannot) for each in estate.stack.expect)
    value = {
        "expected": expected,
        "missed": [outcome_as_json(line) for line in broken],
        "unproven": [outcome_as_json(line) for line in still_open],
        "findings": [{**asdict(finding), "severity": finding.severity.value} for finding in found],
        "policies": question.policies_from,
    }

    def lines() -> str:
        told = [f"{click.style('missed', fg='red')} {line}" for line in broken]
        told += [f"{click.style('open', fg='yellow')} {line}" for line in still_open]
        told += [styled(finding) for finding in found]
        held = expected - len(broken) - len(still_open)
        return "\n".join([*told, f"{held} of {expected} expectations hold {question.note()}"])

    question.answer(value, lines)
    wrong = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    bad = broken or any(finding.severity in wrong for finding in found)
    return MISSED if bad or (strict and still_open) else FINE


def styled(finding: Finding) -> str:
    severity = finding.severity
    return f"{click.style(severity.value, fg=COLOURS[severity])} {finding} [{finding.rule}]"


def outcome_as_json(line: Outcome) -> dict[str, str]:
    return {
        "key": line.key,
        "expected": str(line.asked),
        "reason": line.reason,
        "fix": line.fix,
    }
