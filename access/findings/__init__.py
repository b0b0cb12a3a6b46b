"""What else does not fit in a stack file: between its sections, and between the two clouds.

What makes a stack file unusable is refused by `settings`; here is what can be deployed and then
keeps people out, lets too many in, or only looks as if it did something.
"""

from access.findings import limits, people, policies, roles, trusts
from access.findings.finding import Finding, Severity
from access.model import AccessModel

__all__ = ["CHECKS", "Finding", "Severity", "findings"]

CHECKS = (*people.CHECKS, *roles.CHECKS, *trusts.CHECKS, *policies.CHECKS, *limits.CHECKS)


def findings(model: AccessModel) -> list[Finding]:
    """All findings of an estate: errors first, then warnings, then notes."""
    result = [finding for check in CHECKS for finding in check(model)]
    return sorted(result, key=lambda finding: finding.severity.rank)
