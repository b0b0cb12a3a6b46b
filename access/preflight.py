"""What a preview and an update ask before anything is created."""

import os

import pulumi

from access.findings import Severity, findings
from access.model import AccessModel
from access.suggested_fixes import failed, undetermined
from settings import Settings
from settings.errors import format_error


def enforce(stack: Settings) -> None:
    """Warn of what is doubtful, and refuse what does not hold. Raises pulumi.RunError."""
    if other_org := stack.okta.other_org(os.environ):
        raise pulumi.RunError(format_error(other_org))
    model = AccessModel(stack)
    result = findings(model)
    for finding in result:
        if finding.severity is Severity.WARNING:
            pulumi.warn(str(finding))
    for line in undetermined(model):
        pulumi.warn(str(line))
    errors = [finding for finding in result if finding.severity is Severity.ERROR]
    if refused := [*map(str, errors), *map(str, failed(model))]:
        raise pulumi.RunError("\n".join(refused))
