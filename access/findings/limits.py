"""Limits that one value can't break, but all together can.

Sources: IAM User Guide, "IAM and AWS STS quotas"; STS API Reference, AssumeRoleWithSAML; Okta: rate
limits (100 requests a minute to `/api/v1/apps` and what is below it, half of them for one token).
"""

from collections import Counter
from collections.abc import Iterator

from access.findings.finding import Finding, Severity, note, warning
from access.model import AccessModel
from access.response_size import API_LIMIT, PAGE_LIMIT, response_size

NEAR = 0.8
MANY_ASSIGNMENTS = 50
APPS_REQUESTS_A_MINUTE = 50


def response_is_too_large(model: AccessModel) -> Iterator[Finding]:
    """A person whose roles do not fit into one SAML response."""
    for login in model.people:
        roles = len(model.offered_roles[login])
        size = response_size(model, login)
        if size <= API_LIMIT * NEAR:
            continue
        fits = size <= API_LIMIT
        message = f"gets a SAML response of about {size:,} characters for {roles} "
        message += f"roles, and STS takes {API_LIMIT:,}"
        yield Finding(
            Severity.WARNING if fits else Severity.ERROR,
            "response-nearly-too-large" if fits else "response-too-large",
            f"groups.{model.groups_of[login][0]}.members",
            login,
            message
            if size <= PAGE_LIMIT
            else f"{message}; the sign-in page takes {PAGE_LIMIT:,} bytes",
            "let the person's groups open fewer roles",
        )


def too_many_in_an_account(model: AccessModel) -> Iterator[Finding]:
    """More roles or policies than an account takes; what is there already counts too."""
    stack = model.stack
    roles = Counter(account_role.account for account_role in stack.account_roles.values())
    policies = Counter[str]()
    for account_role in stack.account_roles.values():
        policies[account_role.account] += len(stack.roles[account_role.role].customer_policies)
    for what, counted, quota, key in (
        ("roles", roles, stack.quotas.roles_per_account, "quotas.rolesPerAccount"),
        ("policies", policies, stack.quotas.policies_per_account, "quotas.policiesPerAccount"),
    ):
        for account, number in sorted(counted.items()):
            if number > quota * NEAR:
                yield Finding(
                    Severity.ERROR if number > quota else Severity.WARNING,
                    f"{what}-in-account",
                    f"accounts.{account}",
                    "",
                    f"gets {number:,} {what}, and the account takes {quota:,} in all",
                    f"have AWS raise the quota and say so in {key}, or spread them",
                )


def assignments_take_long(model: AccessModel) -> Iterator[Finding]:
    """So many assignments that Okta's rate limit decides how long a run takes."""
    stack = model.stack
    number = len(stack.groups)
    if not stack.uses_group_mapping and number > MANY_ASSIGNMENTS:
        yield note(
            "many-assignments",
            "groups",
            "",
            f"are {number}: with Okta's usual limits a refresh takes about "
            f"{-(-number // APPS_REQUESTS_A_MINUTE)} minutes, and the first run twice that",
            "consider mode group-mapping, which assigns once",
        )


def request_timeout_counts_waits(model: AccessModel) -> Iterator[Finding]:
    """A deadline for calls to Okta, against which the provider counts its waits for rate limits."""
    seconds = model.stack.okta.request_timeout_seconds
    if seconds is not None:
        yield warning(
            "request-timeout-counts-waits",
            "okta.requestTimeoutSeconds",
            str(seconds),
            "is one deadline over a call with all its waits for Okta's rate limits, so a busy org "
            "ends the run with 'context deadline exceeded'",
            "leave it out",
        )


CHECKS = (
    response_is_too_large,
    too_many_in_an_account,
    assignments_take_long,
    request_timeout_counts_waits,
)
