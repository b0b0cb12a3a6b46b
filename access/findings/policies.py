"""Policies and keys: names that nothing answers to, and what is left half done."""

import re
from collections.abc import Iterator
from datetime import date

from access import actions, aws_managed
from access.findings.finding import Finding, Severity, note, warning
from access.model import AccessModel
from settings import Role
from settings.errors import did_you_mean

KEY_DAYS = 90
"""CIS AWS Foundations 1.13, Security Hub IAM.3."""


def policy_that_aws_does_not_have(model: AccessModel) -> Iterator[Finding]:
    """The name of a policy of AWS's own that the snapshot does not hold, nor `--live` finds.

    AWS refuses it when the role exists already. Whoever writes the whole ARN knows of a policy
    that is newer than the snapshot; so does whoever works outside the commercial partition.
    """
    known = aws_managed.snapshot()["policies"]
    for name, role in model.stack.roles.items():
        account = model.stack.accounts[model.stack.accounts_of(name)[0]]
        for reference in (*role.managed_policies, *([role.boundary] if role.boundary else [])):
            arn = account.policy_arn(reference)
            if ":iam::aws:" not in arn or model.resolver(arn) is not None:
                continue
            certain = reference != arn and account.partition.name == "aws"
            path = arn.partition(":policy/")[2]
            yield Finding(
                Severity.ERROR if certain else Severity.WARNING,
                "unknown-aws-policy",
                f"roles.{name}",
                reference,
                f"is not among the {aws_managed.source_note()}{did_you_mean(path, known)}",
                f"correct it; write {arn} if AWS has it since, or the whole ARN of your own policy",
            )


def action_that_aws_does_not_have(model: AccessModel) -> Iterator[Finding]:
    """A statement of the stack file that names an action which does not exist."""
    for name, role in model.stack.roles.items():
        for key, action in actions_in(role):
            if action != "*" and (problem := actions.validate_action(action)):
                yield warning(
                    "unknown-action", f"roles.{name}.{key}", action, problem,
                    "correct it",
                )  # fmt: skip


def actions_in(role: Role) -> Iterator[tuple[str, str]]:
    """Every action that the role's own statements name, and where."""
    kinds = {"customerPolicies": role.customer_policies, "inlinePolicies": role.inline_policies}
    for kind, policies in kinds.items():
        for name, statements in policies.items():
            for statement in statements:
                for value in (statement.action, statement.not_action):
                    for action in (value,) if isinstance(value, str) else (value or ()):
                        yield f"{kind}.{name}", action


def two_keys(model: AccessModel) -> Iterator[Finding]:
    """A rotation that was begun: two generations of the key are valid."""
    keys = model.stack.provisioning.keys
    if len(keys) > 1 and not model.stack.uses_group_mapping:
        yield note(
            "two-keys",
            "provisioning.keys",
            ", ".join(keys),
            "are both valid",
            f"remove {keys[0]} once Okta has {keys[-1]}",
        )


def key_is_old(model: AccessModel) -> Iterator[Finding]:
    """A generation that is named after its month, and that month is long ago."""
    newest = model.stack.provisioning.keys[-1]
    result = re.fullmatch(r"(\d{4})-(\d{2})", newest)
    if model.stack.uses_group_mapping or not result or not 1 <= int(result[2]) <= 12:
        return
    age = (model.stack.today - date(int(result[1]), int(result[2]), 1)).days
    if age > KEY_DAYS:
        yield warning(
            "key-is-old",
            "provisioning.keys",
            newest,
            f"began {age} days ago, and a key should be replaced after {KEY_DAYS}",
            "add a generation, type it into Okta, then remove this one",
        )


def nothing_is_expected(model: AccessModel) -> Iterator[Finding]:
    """A stack file that proves nothing."""
    if not model.stack.expect:
        yield note(
            "nothing-is-expected",
            "expect",
            "",
            "is empty, so nothing is proven before a deployment",
            "say what people must be able to do, and must not",
        )


CHECKS = (
    policy_that_aws_does_not_have,
    action_that_aws_does_not_have,
    two_keys,
    key_is_old,
    nothing_is_expected,
)
