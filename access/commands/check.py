import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

import click

from access import request_budget
from access.command_line import FAILED, OK
from access.commands.engine import engine_of, read_ids_in_state
from access.commands.options import Invocation, stack_file
from access.findings import Finding, Severity, findings
from access.progress import is_quiet
from access.suggested_fixes import failed, undetermined
from settings import imported_environments

COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "blue"}


@click.command()
@click.option("--strict", is_flag=True, help="Warnings, and what can't be shown, count as missed.")
@click.option("--requests", is_flag=True, help="Add how many requests to Okta and AWS a run makes.")
@stack_file
def check(invocation: Invocation, strict: bool, requests: bool) -> int:
    """Check the expectations of a stack file, and report other findings.

    With --live also, where `pulumi` can read the state: whether an update deletes the access key
    that Okta uses; whether Okta has an app of the label already that the state does not have, if
    the variables of the Okta provider are set.

    Exit code 0: all is well; 1: an expectation is missed, or there is an error; 2: the file is
    refused.
    """
    model = invocation.model
    broken, still_open = failed(model), undetermined(model)
    all_findings = [
        *existing_apps(invocation),
        *keys_in_use(invocation),
        *findings(model),
        *environments(invocation),
    ]
    expected = sum(len(each.can) + len(each.cannot) for each in model.stack.expect)
    budgets = request_budget.budgets(invocation.part) if requests else []
    value: dict[str, Any] = {
        "expected": expected,
        "missed": [line.as_json() for line in broken],
        "unproven": [line.as_json() for line in still_open],
        "findings": [
            {**asdict(finding), "severity": finding.severity.value} for finding in all_findings
        ],
        "policies": invocation.policies_from,
    }
    if budgets:
        value["requests"] = [each.as_json() for each in budgets]
    lines = [f"{click.style('missed', fg='red')} {line}" for line in broken]
    lines += [f"{click.style('open', fg='yellow')} {line}" for line in still_open]
    lines += [*finding_lines(all_findings), *budget_lines(budgets)]
    met = expected - len(broken) - len(still_open)
    summary = f"{met} of {expected} expectations are met {invocation.note()}"
    invocation.answer(value, lines, summary)
    failing = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    bad = broken or any(finding.severity in failing for finding in all_findings)
    return FAILED if bad or (strict and still_open) else OK


def existing_apps(invocation: Invocation) -> list[Finding]:
    """With --live: an app of the label that the state lacks, if org and state can be read."""
    if not invocation.live or not any(map(os.environ.get, ("OKTA_ORG_NAME", "OKTA_HTTP_PROXY"))):
        return []
    from access.recovery import apps
    from access.recovery.clouds import Clouds

    stack = invocation.model.stack
    if (ids_in_state := read_ids_in_state(invocation)) is None:
        return []
    return list(apps.findings(stack, ids_in_state, Clouds(stack).org))


def keys_in_use(invocation: Invocation) -> list[Finding]:
    """With --live: a key that an update deletes though Okta uses it, if the state can be read."""
    if not invocation.live:
        return []
    from access.live_policies import session_in
    from access.recovery.engine import EngineError
    from access.verification import access_keys

    stack = invocation.model.stack
    try:
        ids = access_keys.in_state(engine_of(invocation, None).export())
    except EngineError:
        return []
    if not ids:
        return []
    iam = session_in(stack.account).client("iam")
    return list(access_keys.findings(stack, ids, iam))


def environments(invocation: Invocation) -> Iterator[Finding]:
    """That what an imported environment (Pulumi ESC) adds is not in the file."""
    if names := ", ".join(imported_environments(invocation.file)):
        yield Finding(
            Severity.NOTE,
            "environment-is-not-read",
            "environment",
            names,
            "what it holds can't be seen here",
            "keep environmentVariables alone in it: an update stops if it adds to a section",
        )


def budget_lines(budgets: Iterable[request_budget.Budget]) -> Iterator[str]:
    """A line for each run, with its buckets."""
    for each in budgets:
        for cloud, counted in (("Okta", each.requests), ("AWS", each.aws)):
            detail = ", ".join(f"{number} {name}" for name, number in counted.items())
            pace = f", at least {each.minutes:.1f} minutes" if cloud == "Okta" else ""
            if counted:
                total = sum(counted.values())
                yield (
                    f"requests to {cloud}, {request_budget.NAMES[each.run]}: {total} "
                    f"({detail}){pace}"
                )


def finding_lines(items: Iterable[Finding]) -> Iterator[str]:
    """A line for each finding; with --quiet none for notes."""
    for finding in items:
        severity = finding.severity
        if not (is_quiet() and severity is Severity.NOTE):
            word = click.style(severity.value, fg=COLOURS[severity])
            yield f"{word} {finding} [{finding.rule}]"
