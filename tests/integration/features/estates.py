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
        return subprocess.Popen(
            [sys.executable, "-m", "access.estate", verb, self.file, *options],
            cwd=self.folder,
            env={**os.environ, **self.bench.stack.variables},
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
