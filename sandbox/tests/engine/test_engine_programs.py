"""Programs that end well: what reaches them, and what comes back."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

COMPONENT = """
import pulumi

class Team(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("tiny:index:Team", name, None, opts)
        self.register_outputs({"size": 3})

team = Team("red")
pulumi.export("urn", team.urn)
pulumi.export("dry", pulumi.runtime.is_dry_run())
"""

WHAT_THE_PROGRAM_KNOWS = """
import os, sys
import pulumi

pulumi.export("known", {
    "organization": pulumi.get_organization(),
    "project": pulumi.get_project(),
    "stack": pulumi.get_stack(),
    "root": pulumi.runtime.get_root_directory(),
    "folder": os.getcwd(),
    "arguments": sys.argv,
    "path": os.environ["PATH"],
    "sandbox visible": any(os.path.isdir(os.path.join(p, "sandbox")) for p in sys.path),
})
"""

CONFIG = """
import pulumi

config = pulumi.Config()
shape = config.require_object("shape")
assert shape == {"people": ["ada", "grace"], "limits": {"max": 3, "on": True}}, shape
assert config.require_int("count") == 3
assert config.require_bool("flag") is True
assert pulumi.Config("other").require("text") == "with = and $HOME and \\n a line"
key = config.require_secret("key")
secret = pulumi.runtime.is_config_secret
assert (secret("tiny:key"), secret("tiny:count")) == (True, False)
pulumi.export("key", key)
pulumi.export("derived", key.apply(lambda text: text.upper()))
pulumi.export("nested", config.require_secret_object("nested"))
"""

PRINTS_AND_WAITS = """
import pathlib, sys, time
print("to the other", file=sys.stderr)
print("now")
end = time.monotonic() + 20
while not pathlib.Path("go-on").exists():
    assert time.monotonic() < end, "nobody has heard"
    time.sleep(0.05)
"""

PRODUCER = """
import pulumi

pulumi.export("open", "word")
pulumi.export("closed", pulumi.Output.secret("hush"))
"""

CONSUMER = """
import pulumi

upstream = pulumi.StackReference("organization/producer/dev")
pulumi.export("both", pulumi.Output.concat(
    upstream.require_output("open"), "-", upstream.require_output("closed")
))
"""


def test_a_stack_lives_from_preview_to_destroy(project: Any) -> None:
    project.write("__main__.py", COMPONENT)
    assert "2 to create" in project.pulumi("preview")

    assert "2 created" in project.up(COMPONENT)
    assert project.outputs()["urn"].endswith("tiny:index:Team::red")
    assert project.outputs()["dry"] is False, "an update is no rehearsal"

    assert "2 unchanged" in project.up(COMPONENT)
    assert "2 unchanged" in project.pulumi("refresh", "--yes", "--skip-preview")
    assert "1 deleted" in project.up("import pulumi")
    project.pulumi("destroy", "--yes", "--skip-preview")
    assert "resources" not in project.state()["deployment"], "nothing is left of the stack"


def test_a_program_knows_where_it_runs_and_nothing_of_the_sandbox(project: Any) -> None:
    project.up(WHAT_THE_PROGRAM_KNOWS)

    known = project.outputs()["known"]
    assert known["organization"] == "organization"
    assert (known["project"], known["stack"]) == ("tiny", "dev")
    assert (known["root"], known["folder"]) == (str(project.folder), str(project.folder))
    assert known["arguments"] == ["."], "as the published host has it"
    assert not known["sandbox visible"], "the program could import the sandbox by mistake"


def test_a_program_in_a_folder_below_runs_there(project: Any) -> None:
    project.write(
        "Pulumi.yaml", (project.folder / "Pulumi.yaml").read_text()[:-1] + ', "main": "code"}'
    )
    project.write("code/__main__.py", WHAT_THE_PROGRAM_KNOWS + "\nimport neighbour")
    project.write("code/neighbour.py", "")
    project.pulumi("up", "--yes", "--skip-preview")

    assert project.outputs()["known"]["folder"] == str(project.folder / "code")


def test_configuration_keeps_its_types_and_secrets_stay_secret(project: Any) -> None:
    project.write(
        "Pulumi.dev.yaml",
        json.dumps(
            {
                "config": {
                    "tiny:shape": {"people": ["ada", "grace"], "limits": {"max": 3, "on": True}},
                    "tiny:count": 3,
                    "tiny:flag": True,
                    "other:text": "with = and $HOME and \n a line",
                }
            }
        ),
    )
    project.pulumi("config", "set", "--secret", "key", "hunter2-in-the-clear")
    project.pulumi("config", "set", "--secret", "--path", "nested.word", "swordfish-in-the-clear")
    output = project.up(CONFIG)

    shown = project.outputs()
    assert shown == dict.fromkeys(("key", "derived", "nested"), "[secret]")
    revealed = project.outputs("--show-secrets")
    assert revealed["key"] == "hunter2-in-the-clear"
    assert revealed["derived"] == "HUNTER2-IN-THE-CLEAR"
    assert revealed["nested"] == {"word": "swordfish-in-the-clear"}
    assert "clear" not in output.lower()
    for file in project.folder.parents[1].rglob("*"):
        if file.is_file():
            assert b"in-the-clear" not in file.read_bytes().lower(), f"a secret is in {file}"


def test_a_stack_reads_the_outputs_of_another(new_project: Callable[..., Any]) -> None:
    new_project("producer").up(PRODUCER)
    consumer = new_project("consumer")
    consumer.up(CONSUMER)

    assert consumer.outputs("--show-secrets") == {"both": "word-hush"}
    assert consumer.outputs() == {"both": "[secret]"}, "what is secret there is secret here"


def test_what_a_program_prints_is_shown_when_it_happens(project: Any) -> None:
    project.write("__main__.py", PRINTS_AND_WAITS)
    project.variables["PYTHONUNBUFFERED"] = ""
    command = project.start("up", "--yes", "--skip-preview")
    output = []
    for line in command.stdout:
        output.append(line)
        if line.endswith(" now\n"):
            project.write("go-on", "")

    assert command.wait() == 0, output
    assert any("to the other" in line for line in output)


def test_a_mirror_of_links_runs_like_the_project_and_is_written_instead_of_it(
    project: Any, tmp_path: Path
) -> None:
    original = tmp_path / "original"
    shutil.move(project.folder, original)
    project.folder.mkdir()
    (original / "__main__.py").write_text("import parts.one\n")
    (original / "parts").mkdir()
    (original / "parts" / "one.py").write_text(COMPONENT)
    (original / "Pulumi.dev.yaml").write_text("config: {}\n")
    for name in ("Pulumi.yaml", "__main__.py", "parts"):
        (project.folder / name).symlink_to(original / name)
    shutil.copy(original / "Pulumi.dev.yaml", project.folder)

    project.pulumi("config", "set", "--secret", "key", "hunter2")
    assert "2 created" in project.pulumi("up", "--yes", "--skip-preview")
    assert "encryptionsalt" in (project.folder / "Pulumi.dev.yaml").read_text()
    assert (original / "Pulumi.dev.yaml").read_text() == "config: {}\n"

    (original / "parts" / "one.py").write_text("1 / 0")
    output = project.pulumi("preview", expect=1)
    frames = re.findall(r'File "(.*)", line', output)
    assert frames == [str(project.folder / "__main__.py"), str(project.folder / "parts" / "one.py")]


def test_the_versions_of_the_plugins_come_from_the_installed_sdks(project: Any) -> None:
    project.write("__main__.py", "import pulumi")
    about = project.pulumi("about", "--json")

    plugins = {plugin["name"]: plugin["version"] for plugin in json.loads(about)["plugins"]}
    assert re.fullmatch(r"7\.\d+\.\d+", plugins["aws"])
    assert re.fullmatch(r"7\.\d+\.\d+", plugins["okta"])
    assert plugins["python"] == "0.0.0-emulated", "it does not claim to be the published host"
