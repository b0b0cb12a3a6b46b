"""Federations made by hand: the stack file is written, all is imported, and the first update
changes what was announced and nothing else. A person of each signs in before and after."""

import json
import os
import subprocess
import sys

import pytest

from sandbox.person import assume, role_pairs, saml_response
from sandbox.stack import counts
from tests.integration.features import by_hand
from tests.spread import spread

ADA = "ada@example.com"
BLOG, _, ODDITIES = by_hand.ESTATES
DISCOVER = ".venv/bin/python -m access discover Pulumi.dev.yaml"
STEPS = (
    "pulumi stack init dev",
    "pulumi up --stack dev --target '**:pulumi:providers:**'",
    ".venv/bin/python -m access adopt Pulumi.dev.yaml > import.json",
    "pulumi import --stack dev --file import.json --generate-code=false --protect=false",
)
"""As docs/how-to/adopt-a-click-ops-estate.md has them; here a stack has the name of its app."""


class Operator:
    """Somebody with the credentials of one account."""

    def __init__(self, bench, account, name):
        self.bench, self.name, self.file = bench, name, f"Pulumi.{name}.yaml"
        key = bench.clouds.accounts[account]
        self.variables = {
            **os.environ,
            **bench.stack.variables,
            "AWS_ACCESS_KEY_ID": key["accessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["secretAccessKey"],
            "PULUMI_SKIP_CONFIRMATIONS": "true",
        }

    def type(self, line, *, code=0):
        """What a command of the page printed; nobody is asked."""
        line = line.replace(".venv/bin/python", sys.executable)
        line = line.replace("Pulumi.dev.yaml", self.file).replace("init dev", f"init {self.name}")
        line = line.replace("--stack dev", f"--stack {self.name} --skip-preview")
        done = subprocess.run(
            line,
            shell=True,
            cwd=self.bench.workspace.project,
            env=self.variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout[-2000:] + done.stderr[-3000:]
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def bench(bench_of):
    with bench_of(*by_hand.ESTATES) as bench:
        yield bench


def enter(made, login):
    """The names of the roles that Okta offers a person, each of which AWS lets them assume."""
    clouds = made.bench.clouds
    link = made.okta("GET", f"/apps/{made.app['id']}")["_links"]["appLinks"][0]["href"]
    response = saml_response(link, login, clouds.people[login]["password"])
    pairs = role_pairs(response)
    return {assume(response, *pair, clouds.aws_url).caller().split("/")[-2] for pair in pairs}


@pytest.mark.parametrize(
    "account",
    spread(by_hand.ESTATES, BLOG, ODDITIES),
    ids=lambda account: by_hand.ESTATES[account].__name__,
)
def test_the_first_update_after_the_import_changes_what_was_announced(bench, account):
    made = by_hand.ESTATES[account](bench, account)
    operator = Operator(bench, account, made.name)
    entered, before = enter(made, ADA), bench.inventory()

    found = json.loads(operator.type(f"{DISCOVER} --app {made.app['id']} --json"))
    for line in STEPS:
        operator.type(line)
    assert bench.inventory() == before, "an import changes no cloud"
    done = counts(operator.type("pulumi up --stack dev"))

    assert done["updated"] == len({each["where"] for each in found["changes"]}), found["changes"]
    assert not done.keys() & {"replaced", "deleted"}
    assert done["created"] == made.recorded_by_the_update
    assert bench.inventory() == before
    assert enter(made, ADA) == entered
    assert counts(operator.type("pulumi up --stack dev")).keys() == {"unchanged"}
    assert "is there already" in operator.type(DISCOVER, code=2)
