"""The components as an installed package, in another project, with Pulumi's own options."""

import shutil
import sys
from pathlib import Path

import pytest

from sandbox.errors import SandboxError
from sandbox.stack import Stack

ACCOUNT = "123456789012"
SAML_APP = {"name": "amazon_aws", "label": "Reports", "signOnMode": "SAML_2_0"}


@pytest.fixture(scope="module")
def bench(bench_of):
    with bench_of(ACCOUNT) as bench:
        yield bench


@pytest.fixture(scope="module")
def stack(bench, package, tmp_path_factory):
    """The other project's stack, against the same clouds."""
    project = tmp_path_factory.mktemp("project") / "reports"
    shutil.copytree(Path(__file__).parent / "project", project)
    (project / ".venv").symlink_to(Path(sys.prefix))
    app = bench.okta("POST", "/api/v1/apps", json=SAML_APP)
    metadata = bench.okta("GET", f"/api/v1/apps/{app['id']}/sso/saml/metadata")
    (project / "metadata.xml").write_text(metadata)
    stack = Stack(
        name="dev",
        project=project,
        variables={**bench.stack.variables, "PYTHONPATH": str(package)},
        log=bench.stack.log,
    )
    stack.create()
    return stack


def configure(stack, **values):
    for key, value in values.items():
        stack.run("config", "set", "--stack", "dev", key, value)


def changes(counts):
    return {what: n for what, n in counts.items() if what in ("created", "updated", "deleted")}


def role(bench):
    return bench.aws("iam", ACCOUNT).get_role(RoleName="Reports")["Role"]


def test_another_project_makes_a_role_with_the_installed_package(bench, stack):
    configure(stack, name="reports")

    assert changes(stack.up()) == {"created": 6}
    assert stack.outputs()["arn"] == role(bench)["Arn"]


def test_an_alias_moves_the_children_too_and_a_transform_reaches_them(bench, stack):
    before = role(bench)["RoleId"]
    configure(stack, name="audits", was="reports", tagged="true")

    assert changes(stack.up()) == {"updated": 1}, "the role's tags, and no child made anew"
    assert role(bench)["RoleId"] == before
    assert role(bench)["Tags"] == [{"Key": "team", "Value": "reports"}]


def test_what_is_protected_is_not_destroyed(bench, stack):
    configure(stack, protect="true")
    stack.up()

    with pytest.raises(SandboxError, match="protect"):
        stack.destroy()
    assert role(bench)


def test_what_is_retained_is_forgotten_and_not_deleted(bench, stack):
    configure(stack, protect="false", retain="true")
    stack.up()

    stack.destroy()

    iam = bench.aws("iam", ACCOUNT)
    assert role(bench)
    assert iam.list_attached_role_policies(RoleName="Reports")["AttachedPolicies"]
    assert iam.list_saml_providers()["SAMLProviderList"] == [], "this one was not to be kept"
