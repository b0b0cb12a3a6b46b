"""What a preview and an update ask before anything is created."""

import pulumi

from access.estate import Estate
from access.remedies import missed, unproven
from settings import Settings


def hold(stack: Settings) -> None:
    """Warn of what can't be shown, and refuse what does not hold. Raises pulumi.RunError."""
    estate = Estate(stack)
    for line in unproven(estate):
        pulumi.warn(str(line))
    if found := missed(estate):
        raise pulumi.RunError("\n".join(map(str, found)))
