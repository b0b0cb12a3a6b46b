"""Policies and keys: names that nothing answers to, and what is left half done."""

import re
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from access import actions, aws_managed
from access.findings.finding import Finding, Severity
from access.model import AccessModel
from settings import Role, policy_document
from settings.conditions import VARIABLE, ConditionMapping
from settings.errors import did_you_mean

KEY_DAYS = 90
"""CIS AWS Foundations 1.13, Security Hub IAM.3."""
_TABLE = Path(__file__).parents[1] / "condition_keys.toml"
CONDITION_KEYS = {
    key.lower(): (key, kind)
    for kind, keys in tomllib.loads(_TABLE.read_text()).items()
    for key in keys
}
"""Condition key in lower case -> as AWS writes it, and the type of its values."""
COMPARED_WITH = {
    "address": "IpAddress", "arn": "Arn|String", "boolean": "Bool|String", "date": "Date|Numeric",
    "number": "Numeric", "text": "String|Numeric|Date|Bool",
}  # fmt: skip
"""Type -> how operators for it begin; a text may be a number or a day, as a tag's value is."""


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
            if ":aws:policy/aws-service-role/" in arn and reference != role.boundary:
                yield Finding(
                    Severity.ERROR,
                    "policy-of-a-service-role",
                    f"roles.{name}.managedPolicies",
                    reference,
                    "is for service-linked roles, and AWS attaches it to no other",
                    "name another policy",
                )
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
                yield Finding(
                    Severity.WARNING, "unknown-action", f"roles.{name}.{key}", action, problem,
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


def condition_key_that_aws_does_not_have(model: AccessModel) -> Iterator[Finding]:
    """A condition on a key that AWS never sets, or by an operator for values of another type."""
    for name, role in model.stack.roles.items():
        for where, operator, key in conditions_in(role):
            if problem := condition_problem(operator, key):
                yield Finding(
                    Severity.WARNING,
                    "condition-key",
                    f"roles.{name}.{where}",
                    key,
                    *problem,
                )


def conditions_in(role: Role) -> Iterator[tuple[str, str, str]]:
    """Where a condition key stands, operator and key; of a variable, an operator of any type."""
    policies = {"customerPolicies": role.customer_policies, "inlinePolicies": role.inline_policies}
    statements = {"trust.statements": role.trust.statements} | {
        f"{kind}.{name}": each for kind, named in policies.items() for name, each in named.items()
    }
    conditions: list[tuple[str, ConditionMapping]] = [("trust.conditions", role.trust.conditions)]
    for where, listed in statements.items():
        conditions += [(where, each.condition or {}) for each in listed]
        for variable in VARIABLE.findall(policy_document(listed)):
            yield where, "Null", variable.partition(",")[0]
    for where, condition in conditions:
        yield from ((where, operator, key) for operator, keys in condition.items() for key in keys)


def condition_problem(operator: str, key: str) -> tuple[str, str] | None:
    """Why a condition is not what is meant, and what to write; None if it can be.

    Keys of services are not known here, only those of `aws:`, `saml:` and `sts:`.
    """
    head, slash, tag = key.partition("/")
    if key.partition(":")[0].lower() not in ("aws", "saml", "sts"):
        return None
    known = CONDITION_KEYS.get((head + slash).lower())
    if known is None or (slash and not tag):
        near = did_you_mean(head.lower(), CONDITION_KEYS)
        for lower, (written, _) in CONDITION_KEYS.items():
            near = near.replace(repr(lower), repr(written))
        return f"is a condition key that AWS never sets{near}", "correct it"
    family = operator.rpartition(":")[2].removeprefix("Not")
    if operator == "Null" or re.match(COMPARED_WITH[known[1]], family):
        return None
    begins = COMPARED_WITH[known[1]].replace("|", " or ")
    rule = f"has values of type {known[1]}, and {operator} compares another"
    return rule, f"use an operator that begins with {begins}"


def two_keys(model: AccessModel) -> Iterator[Finding]:
    """A rotation that was begun: two generations of the key are valid."""
    keys = model.stack.provisioning.keys
    if len(keys) > 1 and not model.stack.uses_group_mapping:
        yield Finding(
            Severity.NOTE,
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
        yield Finding(
            Severity.WARNING,
            "key-is-old",
            "provisioning.keys",
            newest,
            f"began {age} days ago, and a key should be replaced after {KEY_DAYS}",
            "add a generation, type it into Okta, then remove this one",
        )


def nothing_is_expected(model: AccessModel) -> Iterator[Finding]:
    """A stack file that proves nothing."""
    if not model.stack.expect:
        yield Finding(
            Severity.NOTE,
            "nothing-is-expected",
            "expect",
            "",
            "is empty, so nothing is proven before a deployment",
            "say what people must be able to do, and must not",
        )


CHECKS = (
    policy_that_aws_does_not_have,
    action_that_aws_does_not_have,
    condition_key_that_aws_does_not_have,
    two_keys,
    key_is_old,
    nothing_is_expected,
)
