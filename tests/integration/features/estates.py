"""`python -m access.estate` beside a bench's clouds."""

import json
import os
import subprocess
import sys

import yaml

PREFIX = "okta-aws-federation:"


class Estate:
    """`python -m access.estate` beside the bench's clouds."""

    def __init__(self, bench, file, credentials):
        self.bench, self.folder = bench, bench.stack.project
        self.file, self.credentials = file, credentials

    def write(self, config):
        document = {"config": {PREFIX + key: value for key, value in config.items()}}
        (self.folder / self.file).write_text(yaml.safe_dump(document, sort_keys=False))

    def start(self, verb, *options):
        return self.process("access.estate", verb, self.file, *options)

    def access(self, verb, part="", without=()):
        """Exit code and output of `python -m access` with a file of the estate, in an environment
        `without` variables that begin so."""
        file = self.file.replace(".yaml", f"{part and '-'}{part}.yaml")
        process = self.process("access", *verb, file, without=without)
        output, errors = process.communicate()
        return process.returncode, output + errors

    def process(self, *arguments, without=()):
        values = {**os.environ, **self.bench.stack.variables}
        return subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=self.folder,
            env={name: values[name] for name in values if not name.startswith(tuple(without))},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, verb, *options):
        """Exit code, stack -> outcome, and what was printed beside it."""
        process = self.start(verb, "--json", *options)
        output, errors = process.communicate()
        assert output.startswith("{"), errors
        answer = json.loads(output)["stacks"]
        return process.returncode, {each["stack"]: each for each in answer}, errors

    def changes(self, verb, *options):
        """Stack -> changes, of a run in which every stack is done."""
        code, outcomes, errors = self.run(verb, *options)
        assert code == 0, errors
        return {
            name: {what: n for what, n in each["changes"].items() if what != "same"}
            for name, each in outcomes.items()
        }

    def state(self, stack):
        return json.loads(self.bench.stack.run("stack", "export", "--stack", stack))["deployment"]
