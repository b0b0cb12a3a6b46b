"""An estate that is there already comes under the engine as it is; nothing of it is made anew."""

import subprocess
import sys

import pytest
import yaml

from sandbox.place import ROOT

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
        (bench.place.project / "Pulumi.features.yaml").unlink()
        bench.stack.create()
        bench.write(STACK)
        yield bench


def adopted(bench, *options):
    file = bench.place.folder / "Pulumi.features.yaml"
    config = {f"okta-aws-federation:{key}": value for key, value in STACK.items()}
    file.write_text(yaml.safe_dump({"config": config}))
    return subprocess.run(
        [sys.executable, "-m", "access", "adopt", str(file), *options],
        cwd=ROOT,
        env=dict(bench.stack.variables),
        capture_output=True,
        text=True,
        check=False,
    )


def test_everything_that_is_there_is_imported_and_nothing_made_anew(bench):
    before = bench.inventory()
    targets = [f"--target=**pulumi:providers:{package}**" for package in ("aws", "okta")]
    bench.stack.run("up", "--stack", "features", "--yes", "--skip-preview", *targets)
    done = adopted(bench)
    assert done.returncode == 0, done.stderr
    assert "15 resources are there already" in done.stderr
    file = bench.place.folder / "import.json"
    file.write_text(done.stdout)

    bench.stack.run(
        *("import", "--stack", "features", "--file", str(file), "--yes", "--skip-preview"),
        *("--generate-code=false", "--protect=false"),
    )

    assert bench.inventory() == before, "an import changes no cloud"
    changes = bench.up()
    # The key can't be adopted, and who is in a group needs not be.
    assert changes.get("created", 0) <= 4, changes
    assert not changes.keys() & {"replaced", "deleted"}
    assert bench.inventory() == before
    assert bench.up() == {}
    assert bench.enter(ADA).caller().endswith(f"OktaDeveloper/{ADA}")
