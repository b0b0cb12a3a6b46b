"""What the program executes grows in step with the stack file: lines of our own code, counted."""

import json
import runpy
import sys
import traceback
from collections import Counter
from pathlib import Path

import pulumi
import pytest

import components

ROOT = Path(__file__).parents[3]
OURS = tuple(
    str(ROOT / name)
    for name in (
        "__main__.py",
        "access/",
        "component_args.py",
        "components/",
        "okta_aws_federation/",
        "entitlements.py",
        "settings/",
    )
)
SIZES = (5, 10, 20)
"""Each twice the one before: a line that runs n times adds twice as much at the second step as at
the first, one that runs n * n times four times as much."""


def one_account(size):
    """A role, a group and a person more for each step. Names are new in each file: what the access
    model remembers of a role must not make the next run shorter."""
    return {
        "accounts": {"main": {"id": "123456789012", "region": "us-east-1"}},
        "app": {"sourceIdentity": {"value": "user.login", "allow": ["*@example.com"]}},
        "provisioning": {"integration": "done"},
        "roles": {f"Role{n}of{size}": {"managedPolicies": ["ReadOnlyAccess"]} for n in range(size)},
        "groups": {
            f"Group {n}": {"roles": [f"Role{n}of{size}"], "members": [f"p{n}.{size}@example.com"]}
            for n in range(size)
        },
    }


def many_accounts(size):
    """An account with two roles more for each step; who is in the groups stays."""
    return {
        "mode": "group-mapping",
        "accounts": {
            f"a{n}": {
                "id": str(10**11 + 1000 * size + n),
                "region": "us-east-1",
                "profile": f"a{n}",
            }
            for n in range(size)
        },
        "roles": {"Developer": {}, "Auditor": {}},
        "groups": {
            "Engineers": {"roles": ["Developer"], "members": ["ada@example.com"]},
            "Audit": {"roles": ["Auditor"], "members": ["alan@example.com"]},
        },
    }


@pytest.mark.parametrize("stack_file", [one_account, many_accounts])
def test_no_line_of_the_program_runs_more_often_than_in_step_with_the_file(cloud, run, stack_file):
    lines_executed(run, stack_file(1))  # what is read once and remembered
    small, middle, large = (lines_executed(run, stack_file(size)) for size in SIZES)

    assert SIZES[2] in {large[line] for line in large if line.startswith("/components")}, "no trace"
    faster = {
        line: (small[line], middle[line], count)
        for line, count in large.items()
        if count - middle[line] > 2.3 * (middle[line] - small[line]) + 2 * SIZES[-1]
    }
    assert not faster, "\n".join(f"{line}: {counts}" for line, counts in sorted(faster.items()))


def lines_executed(run, config):
    """`file:line` of our own code -> how often it ran until all resources were declared."""
    counts = Counter()

    def trace(frame, event, argument):
        file = frame.f_code.co_filename
        if not file.startswith(OURS):
            return None
        if event == "line":
            counts[f"{file.removeprefix(str(ROOT))}:{frame.f_lineno}"] += 1
        return trace

    def program():
        before = sys.gettrace()
        sys.settrace(trace)
        try:
            runpy.run_path(str(ROOT / "__main__.py"))
        finally:
            sys.settrace(before)

    values = {f"okta-aws-federation:{key}": value for key, value in config.items()}
    pulumi.runtime.set_all_config(
        {key: each if isinstance(each, str) else json.dumps(each) for key, each in values.items()}
    )
    run(program)
    return counts


def test_the_state_gets_the_line_that_creates_a_resource_and_not_the_frames_of_what_runs_it(
    cloud, run
):
    lines_executed(run, one_account(1))

    deepest = cloud.engine.requests[
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "Role0of1-ReadOnlyAccess"
    ]
    files = [Path(frame.pc.uri).name for frame in deepest.stackTrace.frames]
    assert files == ["federated_role.py"], (
        "the line that creates it; frames of what runs it are not there"
    )


def test_the_engine_gets_no_debug_message_for_each_resource(cloud, run, monkeypatch):
    messages = []
    monkeypatch.setattr(pulumi.log, "debug", lambda message, **about: messages.append(message))

    lines_executed(run, one_account(1))

    assert any("Role0of1" in name for _, name in cloud.engine.requests)
    assert not [message for message in messages if "Role0of1" in message]


def test_an_error_while_resources_are_registered_has_its_whole_traceback():
    def deep(level):
        if level:
            deep(level - 1)
        raise LookupError("the innermost frame")

    with pytest.raises(LookupError) as caught, components.bulk_registration():
        deep(50)

    assert len(traceback.extract_tb(caught.value.__traceback__)) > 50
    assert not hasattr(sys, "tracebacklimit")
