"""Pulumi's Automation API with this engine."""

import json
import os
import subprocess
import sys
from typing import Any

INLINE = """
import json, sys
import pulumi
from pulumi import automation

def program():
    pulumi.ComponentResource("tiny:index:Team", "red")
    pulumi.export("word", pulumi.Output.secret("inline"))

stack = automation.create_or_select_stack("other", project_name="inline", program=program)
result = stack.up()
print(json.dumps({
    "changes": result.summary.resource_changes,
    "word": result.outputs["word"].value,
    "secret": result.outputs["word"].secret,
}))
stack.destroy()
"""

LOCAL = """
import json
from pulumi import automation

stack = automation.create_or_select_stack("dev", work_dir=".")
stack.set_config("word", automation.ConfigValue("local", secret=True))
print(json.dumps({
    "rehearsed": stack.preview().change_summary,
    "word": stack.up().outputs["word"].value,
    "version": str(stack.workspace.pulumi_version),
}))
"""

PROGRAM = """
import pulumi
pulumi.export("word", pulumi.Config().require_secret("word"))
"""


def automate(project: Any, script: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=project.folder,
        # An inline program's folder is made among the temporary ones, and stays.
        env=os.environ | project.variables | {"TMPDIR": str(project.folder)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_an_inline_program_needs_no_project(project: Any) -> None:
    assert automate(project, INLINE) == {"changes": {"create": 2}, "word": "inline", "secret": True}
    assert not project.processes()


def test_a_local_program_runs_through_the_language_host(project: Any) -> None:
    project.write("__main__.py", PROGRAM)
    seen = automate(project, LOCAL)

    assert seen["word"] == "local"
    assert seen["rehearsed"] == {"create": 1}
    assert seen["version"] == project.pulumi("version").strip().removeprefix("v")
