"""Programs that end badly: what the user is told, and what is left as it was."""

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

RUNNER = Path(__file__).parents[3] / "sandbox" / "engine" / "runner.py"
EXIT_ERROR_REPORTED = 32

GOOD = """
import pulumi
pulumi.ComponentResource("tiny:index:Team", "red")
pulumi.export("word", "kept")
"""

REFUSAL = """
import pulumi
raise pulumi.RunError("tiny:label must not be empty: give one")
"""

FAILING_CALLBACK = """
import pulumi, helper
pulumi.export("word", pulumi.Output.from_input({}).apply(helper.look_up))
"""

HELPER = """
def look_up(table):
    return table["nothing"]
"""

FAILING_INPUT = """
import pulumi, helper

class Thing(pulumi.CustomResource):
    pass

text = pulumi.Output.from_input({}).apply(helper.look_up)
Thing("tiny:index:Thing", "one", {"text": text})
"""

FAILING_CHAIN = """
import helper
try:
    helper.look_up({})
except KeyError as missing:
    raise RuntimeError("no such thing") from missing
"""

WRONG_CALL = """
import pulumi
pulumi.ComponentResource("tiny:index:Team", 5)
"""


def diagnostics(output: str) -> list[str]:
    """The lines that the CLI repeats at the end, without those on where a plugin was found."""
    part = output.split("Diagnostics:\n")[1].split("\nOutputs:")[0].split("\nResources:")[0]
    return [line.strip() for line in part.splitlines() if line.strip() and "$PATH" not in line][1:]


def test_a_refusal_is_one_line_and_changes_nothing(project: Any) -> None:
    project.up(GOOD)
    before = project.state()
    output = project.up(REFUSAL, expect=1)

    assert diagnostics(output) == ["error: tiny:label must not be empty: give one"]
    assert "Traceback" not in output
    assert project.state()["deployment"]["resources"] == before["deployment"]["resources"]


@pytest.mark.parametrize("command", [["preview"], ["up", "--yes", "--skip-preview"]])
def test_an_exception_is_told_from_the_users_first_frame_on(
    project: Any, command: list[str]
) -> None:
    project.write("helper.py", HELPER)
    project.write("__main__.py", "import helper\nhelper.look_up({})\n")
    output = project.pulumi(*command, expect=1)

    frames = [line for line in diagnostics(output) if line.startswith("File ")]
    assert [frame.split(",")[0] for frame in frames] == [
        f'File "{project.folder}/__main__.py"',
        f'File "{project.folder}/helper.py"',
    ]
    assert diagnostics(output)[-1] == "KeyError: 'nothing'"


@pytest.mark.parametrize("program", [FAILING_CALLBACK, FAILING_INPUT])
def test_an_exception_in_a_callback_is_told_without_the_machinery(
    project: Any, program: str
) -> None:
    project.write("helper.py", HELPER)
    output = diagnostics(project.up(program, expect=1))

    frames = [line.split(",")[0] for line in output if line.startswith("File ")]
    assert frames == [f'File "{project.folder}/helper.py"'], "the event loop is nobody's concern"
    assert output[-1] == "KeyError: 'nothing'"


def test_the_cause_of_an_exception_is_told_too(project: Any) -> None:
    project.write("helper.py", HELPER)
    output = diagnostics(project.up(FAILING_CHAIN, expect=1))

    assert "KeyError: 'nothing'" in output
    assert output[-1] == "RuntimeError: no such thing"
    assert not any("runpy" in line for line in output)


def test_a_wrong_call_is_told_down_to_where_it_was_refused(project: Any) -> None:
    output = diagnostics(project.up(WRONG_CALL, expect=1))

    frames = [line for line in output if line.startswith("File ")]
    assert frames[0].startswith(f'File "{project.folder}/__main__.py"')
    assert "pulumi/resource.py" in frames[-1], "where a library refuses helps to see why"


@pytest.mark.parametrize(
    ("path", "program"), [("__main__.py", "x = ("), ("helper.py", "import helper")]
)
def test_a_syntax_error_names_file_and_line(project: Any, path: str, program: str) -> None:
    project.write("__main__.py", program)
    project.write(path, "x = (")
    output = diagnostics(project.pulumi("up", "--yes", "--skip-preview", expect=1))

    assert f'File "{project.folder / path}", line 1' in output
    assert output[-1] == "SyntaxError: '(' was never closed"
    assert not any("runpy" in line or "importlib" in line for line in output)


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("import sys; sys.exit(3)", "the program ended with exit code 3"),
        ("import os; os.kill(os.getpid(), 9)", "the program was ended by SIGKILL"),
        ("import os; os.kill(os.getpid(), 2)", "the program was ended by SIGINT"),
    ],
)
def test_an_untold_end_is_an_error_too(project: Any, program: str, told: str) -> None:
    output = project.up(program, expect=1)

    assert diagnostics(output) == [f"error: an unhandled error occurred: {told}"]


def test_a_program_whose_engine_is_gone_ends_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text("import pulumi")
    with socket.create_server(("127.0.0.1", 0)) as once:
        gone = f"127.0.0.1:{once.getsockname()[1]}"
    settings = {"monitor": gone, "engine": gone, "project": "tiny", "stack": "dev", "parallel": 4}
    settings["exit_error_reported"] = EXIT_ERROR_REPORTED

    done = subprocess.run(
        [sys.executable, "-P", RUNNER, json.dumps(settings), "__main__.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (EXIT_ERROR_REPORTED, "", ""), (
        "the engine has told why"
    )


def test_an_error_of_the_engine_is_told_once_and_keeps_the_state(project: Any) -> None:
    project.up(GOOD)
    output = project.up("import pulumi\npulumi.StackReference('organization/none/dev')", expect=1)

    assert 'error: unknown stack "organization/none/dev"' in diagnostics(output)
    assert "Traceback" not in output, "the program is not at fault"
    assert project.outputs() == {"word": "kept"}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"virtualenv": "nowhere"}, "nowhere/bin/python: run 'pulumi install'"),
        ({"toolchain": "poetry"}, '\'toolchain: pip\', not {"toolchain": "poetry"}'),
        ({"typechecker": "mypy"}, '\'toolchain: pip\', not {"typechecker": "mypy"}'),
    ],
)
def test_a_project_that_cannot_run_is_refused_in_one_line(
    project: Any, options: dict[str, str], told: str
) -> None:
    runtime = {"name": "python", "options": options}
    project.write("Pulumi.yaml", json.dumps({"name": "tiny", "runtime": runtime}))
    output = project.up(GOOD, expect=1)

    [error] = [line for line in output.splitlines() if "error" in line]
    assert error.endswith(told)
    assert "Traceback" not in output


def test_a_project_without_a_program_is_refused_in_one_line(project: Any) -> None:
    output = project.pulumi("preview", expect=1)

    assert output.rstrip().endswith(f"no __main__.py in {project.folder}")


def test_an_environment_without_the_sdk_is_told_how_to_fill_it(project: Any) -> None:
    bare = project.write("bare/bin/python", f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    bare.chmod(0o755)
    runtime = {"name": "python", "options": {"virtualenv": "bare"}}
    project.write("Pulumi.yaml", json.dumps({"name": "tiny", "runtime": runtime}))
    output = diagnostics(project.up(GOOD, expect=1))

    assert any(line.endswith("run 'pulumi install'") for line in output), output


def test_install_makes_the_environment_and_fills_it(project: Any) -> None:
    runtime = {"name": "python", "options": {"virtualenv": "fresh"}}
    project.write("Pulumi.yaml", json.dumps({"name": "tiny", "runtime": runtime}))
    project.write("requirements.txt", "# nothing is needed\n")
    project.write("__main__.py", GOOD)
    project.pulumi("install")

    assert (project.folder / "fresh" / "bin" / "python").exists()


def test_a_failed_install_is_an_error(project: Any) -> None:
    project.write("requirements.txt", "./nothing-here\n")
    output = project.pulumi("install", expect=None)

    assert "nothing-here" in output
    assert "exit code 1 of" in output
