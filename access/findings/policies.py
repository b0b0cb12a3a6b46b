"""Policies and keys: names that nothing answers to, and what is left half done."""

import re
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from access import actions, aws_managed
from access.findings.finding import Finding, Severity, error, note, warning
from access.model import AccessModel
from settings import Role, policy_document
from settings.conditions import VARIABLE
from settings.documents import Statement, numbered
from settings.errors import did_you_mean

KEY_DAYS = 90
"""CIS AWS Foundations 1.13, Security Hub IAM.3."""
KEYS_BY_TYPE = tomllib.loads((Path(__file__).parents[1] / "condition_keys.toml").read_text())
CONDITION_KEYS = {key.lower(): kind for kind, keys in KEYS_BY_TYPE.items() for key in keys}
"""Condition key in lower case -> the type of its values."""
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
                yield error(
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
                yield warning(
                    "unknown-action", f"roles.{name}.{key}", action, problem,
                    "correct it",
                )  # fmt: skip


def actions_in(role: Role) -> Iterator[tuple[str, str]]:
    """Every action that the role's own statements name, and where."""
    for where, statements in policies_of(role).items():
        for statement in statements:
            for values in (statement.action, statement.not_action):
                yield from ((where, action) for _, action in numbered(values))


def policies_of(role: Role) -> dict[str, tuple[Statement, ...]]:
    """Where a role's own policies stand -> their statements."""
    kinds = {"customerPolicies": role.customer_policies, "inlinePolicies": role.inline_policies}
    return {f"{kind}.{n}": each for kind, policies in kinds.items() for n, each in policies.items()}


def condition_key_that_aws_does_not_have(model: AccessModel) -> Iterator[Finding]:
    """A condition on a key that AWS never sets, or by an operator for values of another type."""
    for name, role in model.stack.roles.items():
        for where, operator, key in conditions_in(role):
            if problem := condition_problem(operator, key):
                yield warning(
                    "condition-key",
                    f"roles.{name}.{where}",
                    key,
                    *problem,
                )


def conditions_in(role: Role) -> Iterator[tuple[str, str, str]]:
    """Where a condition key stands, operator and key; of a variable, an operator of any type."""
    conditions = [("trust.conditions", role.trust.conditions)]
    for where, statements in {
        "trust.statements": role.trust.statements,
        **policies_of(role),
    }.items():
        conditions += [(where, each.condition or {}) for each in statements]
        for variable in VARIABLE.findall(policy_document(statements)):
            yield where, "Null", variable.partition(",")[0]
    for where, condition in conditions:
        yield from ((where, operator, key) for operator, keys in condition.items() for key in keys)


def condition_problem(operator: str, key: str) -> tuple[str, str] | None:
    """Why a condition is not what is meant, and what to write; None if it can be.

    Keys of services are not known here, only those of `aws:`, `saml:` and `sts:`.
    """
    head, slash, tag = key.partition("/")
    if not key.lower().startswith(("aws:", "saml:", "sts:")):
        return None
    kind = CONDITION_KEYS.get((head + slash).lower())
    if kind is None or (slash and not tag):
        near = did_you_mean(head, (each for keys in KEYS_BY_TYPE.values() for each in keys))
        return f"is a condition key that AWS never sets{near}", "correct it"
    family = operator.rpartition(":")[2].removeprefix("Not")
    if operator == "Null" or re.match(COMPARED_WITH[kind], family):
        return None
    begins = COMPARED_WITH[kind].replace("|", " or ")
    rule = f"has values of type {kind}, and {operator} compares another"
    return rule, f"use an operator that begins with {begins}"


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
    condition_key_that_aws_does_not_have,
    two_keys,
    key_is_old,
    nothing_is_expected,
)
