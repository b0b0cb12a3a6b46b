"""What an estate's runs set for the engine."""

from types import SimpleNamespace

import pytest
from pulumi import automation

from access.estate.runner import DONE, Runner
from access.estate.stacks import EstateStack


@pytest.mark.parametrize(
    ("verb", "variables"),
    [("preview", {"PULUMI_SKIP_CHECKPOINTS": "true"}), ("up", {}), ("destroy", {})],
)
def test_a_preview_alone_runs_without_checkpoints(monkeypatch, tmp_path, verb, variables):
    """An update without them would leave what it created outside the state if it is killed."""
    received, commands = [], []
    summary = SimpleNamespace(resource_changes={"create": 1})
    stack = SimpleNamespace(
        preview=lambda **_: SimpleNamespace(change_summary={"create": 1}),
        up=lambda **_: SimpleNamespace(summary=summary),
        destroy=lambda **_: SimpleNamespace(summary=summary),
    )

    def select(name, *, work_dir, opts):
        received.append(opts.env_vars)
        return stack

    monkeypatch.setattr(automation, "create_or_select_stack", select)
    monkeypatch.setattr(Runner, "_recover", lambda self, engine: None)
    monkeypatch.setattr(automation, "PulumiCommand", lambda: commands.append("pulumi version"))

    outcomes = Runner(tmp_path, 1, lambda line: None, None).run(
        verb,
        [
            EstateStack("dev-main", "account:main", roles=1, groups=0),
            EstateStack("dev-other", "account:other", roles=1, groups=0),
        ],
    )

    assert [each.status for each in outcomes] == [DONE, DONE]
    assert received == [variables, variables]
    assert commands == ["pulumi version"], "the engine is asked for its version once"
