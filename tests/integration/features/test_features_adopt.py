"""An estate that is there already comes under the engine as it is; nothing of it is made anew."""

import os
import shlex
import subprocess
import sys

import pytest

from sandbox.workspace import ROOT

ACCOUNT = "123456789012"
ADA, GRACE = "ada@example.com", "grace@example.com"
LOGS = {"Effect": "Allow", "Action": "logs:GetLogEvents", "Resource": "*"}
STACK = {
    "accounts": {"main": {"id": ACCOUNT, "region": "us-east-1"}},
    "roles": {
        "OktaDeveloper": {
            "managedPolicies": ["AmazonEC2ReadOnlyAccess"],
            "customerPolicies": {"Logs": [LOGS]},
            "inlinePolicies": {"Queues": [LOGS | {"Action": "sqs:ListQueues"}]},
        },
    },
    "groups": {
        "AWSDeveloper": {
            "roles": ["OktaDeveloper"],
            "members": [ADA],
            "rule": 'user.department=="Engineering"',
        },
    },
    "provisioning": {"integration": "done", "keys": ["adopted"]},
    "expect": [{"user": ADA, "can": ["ec2:DescribeInstances"]}],
}


@pytest.fixture(scope="module")
def bench(bench_of):
    """An estate whose state is lost: to the engine, all of it was made by hand."""
    with bench_of(ACCOUNT) as bench:
        bench.write(STACK | {"provisioning": {"integration": "pending"}})
        bench.up()
        bench.do_the_provisioning_tab()
        bench.write(STACK | {"provisioning": {"integration": "done"}})
        bench.up()
        bench.stack.run(
            "stack", "rm", "--stack", "features", "--force", "--yes", "--preserve-config"
        )
        (bench.workspace.project / "Pulumi.features.yaml").unlink()
        bench.stack.create()
        bench.write(STACK)
        yield bench


PAGE = ROOT / "docs" / "how-to" / "adopt-a-click-ops-estate.md"
TYPED = {
    "pulumi up --stack dev --target '**:pulumi:providers:**'",
    "pulumi import --stack dev --file import.json --generate-code=false --protect=false",
}
"""What the page says; here the stack has another name, and nobody is asked."""


def test_the_page_says_what_is_typed_here():
    page = PAGE.read_text()

    assert [line for line in sorted(TYPED) if f"$ {line}\n" not in page] == []
    assert "pulumi stack init dev" in page
    assert ".venv/bin/python -m access adopt Pulumi.dev.yaml > import.json" in page


def type_in(bench, command):
    _, *arguments = shlex.split(command.replace("--stack dev", "--stack features"))
    arguments = [str(bench.workspace.folder / a) if a == "import.json" else a for a in arguments]
    bench.stack.run(*arguments, "--yes", "--skip-preview")


def adopted(bench, *options):
    return subprocess.run(
        [sys.executable, "-m", "access", "adopt", "Pulumi.features.yaml", *options],
        cwd=bench.stack.project,
        env={**os.environ, **bench.stack.variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_everything_that_is_there_is_imported_and_nothing_made_anew(bench):
    before = bench.inventory()
    up, imported = sorted(TYPED, reverse=True)
    type_in(bench, up)
    done = adopted(bench)
    assert done.returncode == 0, done.stderr
    assert "15 resources are there already" in done.stderr
    (bench.workspace.folder / "import.json").write_text(done.stdout)

    type_in(bench, imported)

    assert bench.inventory() == before, "an import changes no cloud"
    changes = bench.up()
    # The key can't be adopted, and who is in a group needs not be.
    assert changes.get("created", 0) <= 4, changes
    assert not changes.keys() & {"replaced", "deleted"}
    assert bench.inventory() == before
    assert bench.up() == {}
    assert bench.enter(ADA).caller().endswith(f"OktaDeveloper/{ADA}")
