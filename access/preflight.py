"""What a preview and an update ask before anything is created."""

import os

from access.findings import Severity, findings
from access.model import AccessModel
from access.suggested_fixes import failed, undetermined
from settings import Settings
from settings.errors import format_error


def refusals(model: AccessModel) -> list[str]:
    """Why a stack is not deployed, a line each: errors among the findings, expectations missed."""
    errors = [finding for finding in findings(model) if finding.severity is Severity.ERROR]
    return [*map(str, errors), *map(str, failed(model))]


def warnings(model: AccessModel) -> list[str]:
    """What is doubtful and deployed all the same, a line each."""
    doubtful = [finding for finding in findings(model) if finding.severity is Severity.WARNING]
    return [*map(str, doubtful), *map(str, undetermined(model))]


def enforce(stack: Settings) -> None:
    """Warn of what is doubtful, and refuse what does not hold. Raises pulumi.RunError."""
    import pulumi  # here, because `settings new` asks for refusals without an engine

    if other_org := stack.okta.other_org(os.environ):
        raise pulumi.RunError(format_error(other_org))
    model = AccessModel(stack)
    for line in warnings(model):
        pulumi.warn(line)
    if lines := refusals(model):
        raise pulumi.RunError("\n".join(lines))
