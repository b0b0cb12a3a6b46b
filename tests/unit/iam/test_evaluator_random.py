"""Random decisions, ours beside those of an independent evaluator: the one inside `ministack`.

Where the two differ, a difference that is known must explain it, and names the case of
`test_evaluator_cases.py` that decides for ours. TEST_SEED in the environment sets another seed;
CI tries one more, at random.
"""

import json
import os
import random
from collections import Counter
from typing import Any

import pytest

from tests.second_evaluator import (
    EFFECTS,
    HERE,
    ROLE,
    SESSION,
    THERE,
    Asked,
    explanation,
    ours,
    theirs,
)

SEED = int(os.environ.get("TEST_SEED", "1"))
SEEDS = {"fixed": SEED} | ({"of-the-run": random.randrange(10**6)} if os.environ.get("CI") else {})
DECISIONS = 10_000

ACTIONS = ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "ec2:RunInstances", "iam:GetRole"]
ACTION_PATTERNS = [*ACTIONS, "*", "s3:*", "S3:get*", "ec2:*", "s3:?etObject", "*:Get*", "iam:Get*"]
RESOURCES = [
    "arn:aws:s3:::bucket",
    "arn:aws:s3:::bucket/key",
    "arn:aws:s3:::bucket/team/blue",
    f"arn:aws:ec2:eu-west-1:{HERE}:instance/i-1",
    f"arn:aws:iam::{HERE}:role/teams/Developer",
]
RESOURCE_PATTERNS = [
    *RESOURCES,
    "*",
    "*",
    "arn:aws:s3:::*",
    "arn:aws:s3:::bucket/*",
    "arn:aws:s3:::buck?t/*",
    "arn:aws:s3:::BUCKET/*",
    "arn:aws:ec2:*:*:instance/*",
    f"arn:aws:*:*:{HERE}:*",
    "arn:*:key",
    "arn:aws:s3:::bucket/team/${aws:PrincipalTag/Team}",
]
ARN_PATTERNS = [one for one in RESOURCE_PATTERNS if one.count(":") >= 4 and "$" not in one]
ARN_PATTERNS.append("arn:aws:ec2:*:instance/*")
TEXTS = ["blue", "red", "BLUE", "b*", "?ed", "", "blue,red"]
TEXT_KEYS = ["aws:username", "aws:PrincipalTag/Team", "s3:prefix", "AWS:UserId"]
OPERATORS: dict[str, tuple[list[str], list[Any]]] = {
    "StringEquals": (TEXT_KEYS, [*TEXTS, "${aws:PrincipalTag/Team}"]),
    "StringNotEquals": (TEXT_KEYS, TEXTS),
    "StringEqualsIgnoreCase": (TEXT_KEYS, TEXTS),
    "StringNotEqualsIgnoreCase": (TEXT_KEYS, TEXTS),
    "StringLike": (TEXT_KEYS, TEXTS),
    "StringNotLike": (TEXT_KEYS, TEXTS),
    "NumericEquals": (["s3:max-keys"], ["1", "10", "10.0", 10]),
    "NumericNotEquals": (["s3:max-keys"], ["1", "10"]),
    "NumericLessThan": (["s3:max-keys"], ["1", "10", "11"]),
    "NumericLessThanEquals": (["s3:max-keys"], ["1", "10"]),
    "NumericGreaterThan": (["s3:max-keys"], ["1", "10"]),
    "NumericGreaterThanEquals": (["s3:max-keys"], ["10", "11"]),
    "DateEquals": (["x:date"], ["2026-06-01T12:00:00Z", "2026-06-01"]),
    "DateLessThan": (["x:date"], ["2026-06-01T12:00:00Z", "2027-01-01T00:00:00Z"]),
    "DateGreaterThan": (["x:date"], ["2026-06-01T12:00:00Z", "2025-01-01T00:00:00Z"]),
    "DateNotEquals": (["x:date"], ["2026-06-01T12:00:00Z"]),
    "Bool": (["aws:MultiFactorAuthPresent", "aws:SecureTransport"], ["true", "false", True]),
    "IpAddress": (["aws:SourceIp"], ["203.0.113.0/24", "10.0.0.0/8", "203.0.113.9"]),
    "NotIpAddress": (["aws:SourceIp"], ["203.0.113.0/24", "10.0.0.0/8"]),
    "ArnEquals": (["x:arn"], RESOURCES),
    "ArnLike": (["x:arn"], ARN_PATTERNS),
    "ArnNotLike": (["x:arn"], ARN_PATTERNS),
    "Null": (["aws:username", "x:date", "aws:TagKeys"], ["true", "false"]),
}
SET_OPERATORS = ("StringEquals", "StringNotEquals", "StringLike", "StringEqualsIgnoreCase")
TAGS = ["Team", "Cost", "Secret", "T*"]
CONTEXT: dict[str, list[Any]] = {
    "aws:username": ["blue", "red", None, None],
    "aws:PrincipalTag/Team": ["blue", "red", None],
    "aws:userid": ["blue", "BLUE", None],
    "s3:prefix": ["blue", "red", "bed", None],
    "s3:max-keys": ["10", "1", None],
    "x:date": ["2026-06-01T12:00:00Z", "2026-01-01T00:00:00Z", None],
    "aws:MultiFactorAuthPresent": ["true", "false", None],
    "x:arn": [*RESOURCES, None],
    "aws:TagKeys": [("Team",), ("Team", "Cost"), ("Secret",), None],
}
PRINCIPALS: list[Any] = [
    "*",
    {"AWS": "*"},
    {"AWS": HERE},
    {"AWS": f"arn:aws:iam::{HERE}:root"},
    {"AWS": ROLE},
    {"AWS": SESSION},
    {"AWS": [f"arn:aws:iam::{HERE}:user/ada", THERE]},
]


def some(rng: random.Random, values: list[Any]) -> Any:
    chosen = rng.sample(values, k=min(len(values), rng.choice((1, 1, 2, 3))))
    return chosen[0] if len(chosen) == 1 else chosen


def condition(rng: random.Random) -> dict[str, Any]:
    name = rng.choice(list(OPERATORS))
    keys, values = OPERATORS[name]
    if rng.random() < 0.2:
        quantifier = rng.choice(("ForAllValues", "ForAnyValue"))
        return {f"{quantifier}:{rng.choice(SET_OPERATORS)}": {"aws:TagKeys": some(rng, TAGS)}}
    if name == "Null":
        return {name: {rng.choice(keys): rng.choice(values)}}
    suffix = "IfExists" if rng.random() < 0.25 else ""
    return {name + suffix: {rng.choice(keys): some(rng, values)}}


def statement(rng: random.Random, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"Effect": "Deny" if rng.random() < 0.2 else "Allow"}
    made["NotAction" if rng.random() < 0.15 else "Action"] = some(rng, ACTION_PATTERNS)
    made["NotResource" if rng.random() < 0.15 else "Resource"] = some(rng, RESOURCE_PATTERNS)
    if rng.random() < 0.5:
        made["Condition"] = condition(rng)
        if rng.random() < 0.3:
            made["Condition"] |= condition(rng)
    return made | more


def document(rng: random.Random, **more: Any) -> dict[str, Any]:
    statements = [statement(rng, **more) for _ in range(rng.choice((1, 1, 2, 3)))]
    return {"Version": "2012-10-17", "Statement": statements}


def question(rng: random.Random) -> Asked:
    def layer(chance: float) -> list[dict[str, Any]] | None:
        return [document(rng)] if rng.random() < chance else None

    of_resource = None
    if rng.random() < 0.35:
        of_resource = document(rng)
        for one in of_resource["Statement"]:
            one["Principal"] = rng.choice(PRINCIPALS)
    chosen = {key: rng.choice(values) for key, values in CONTEXT.items()}
    made = Asked(
        action=rng.choice(ACTIONS),
        resource=rng.choice(RESOURCES),
        context={key: value for key, value in chosen.items() if value is not None},
        identity=[document(rng) for _ in range(rng.choice((0, 1, 1, 2, 3)))],
        boundary=layer(0.25),
        session=layer(0.2),
        of_resource=of_resource,
        owner=rng.choice((HERE, HERE, THERE)) if of_resource else HERE,
    )
    return Asked(**{**vars(made), "text": json.dumps(vars(made), default=str)})


@pytest.mark.parametrize("which", SEEDS)
def test_ten_thousand_random_decisions_are_those_of_an_independent_evaluator(which):
    seed = SEEDS[which]
    print(f"TEST_SEED={seed}")  # shown if it fails, to do it again
    rng = random.Random(seed)
    effects: Counter[str] = Counter()
    differences: Counter[str] = Counter()
    for _ in range(DECISIONS):
        asked = question(rng)
        mine = ours(asked)
        effects[mine] += 1
        if mine == theirs(asked):
            continue
        why = explanation(asked)
        assert why, f"seed {seed}: ours {mine}, theirs {theirs(asked)}: {asked.text}"
        differences[why] += 1
    assert min(effects[effect] for effect in EFFECTS.values()) > DECISIONS / 20, (
        f"all three kinds of decision occur: {effects}"
    )
    assert sum(differences.values()) < DECISIONS / 10, f"the two agree mostly: {differences}"
