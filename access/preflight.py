"""What a preview and an update ask before anything is created."""

import pulumi

from access.estate import Estate
from access.findings import Severity, findings
from access.remedies import missed, unproven
from settings import Settings


def hold(stack: Settings) -> None:
    """Warn of what is doubtful, and refuse what does not hold. Raises pulumi.RunError."""
    estate = Estate(stack)
    found = findings(estate)
    for finding in found:
        if finding.severity is Severity.WARNING:
            pulumi.warn(str(finding))
    for line in unproven(estate):
        pulumi.warn(str(line))
    errors = [finding for finding in found if finding.severity is Severity.ERROR]
    if refused := [*map(str, errors), *map(str, missed(estate))]:
        raise pulumi.RunError("\n".join(refused))
