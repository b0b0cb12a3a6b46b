"""When the clouds can't be reached, or must not be."""

import socket
import threading

import pytest

from sandbox import bootstrap
from sandbox.clouds import Clouds, running
from sandbox.errors import SandboxError
from sandbox.workspace import Workspace

ACCOUNT = bootstrap.DEMO_ACCOUNT


class Doorbell:
    """Listens, answers nobody, and counts who came."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.visitors = 0
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            try:
                visitor, _ = self.socket.accept()
            except OSError:
                return
            self.visitors += 1
            visitor.close()


def stack_against(tmp_path, aws_url, okta_url):
    workspace = Workspace(tmp_path / "place")
    workspace.create()
    clouds = Clouds(
        aws_url=aws_url,
        accounts={ACCOUNT: {"accessKeyId": "AKIAEXAMPLE", "secretAccessKey": "none"}},
        okta_url=okta_url,
        okta_token="none",
        admin={},
        people={},
    )
    engine = bootstrap.engine(print, "emulated")
    stack = bootstrap.stack(
        workspace, bootstrap.variables(workspace, engine, clouds, "passphrase", ACCOUNT)
    )
    stack.create()
    return stack


def test_a_wrong_stack_file_is_refused_before_any_request(tmp_path):
    doorbell = Doorbell()
    stack = stack_against(tmp_path, doorbell.url, doorbell.url)
    stack.configure("roles.OktaDeveloper.managedPolicys[0]", "ReadOnlyAccess")

    with pytest.raises(SandboxError, match="managedPolicys"):
        stack.up()

    assert doorbell.visitors == 0
    doorbell.socket.close()


def test_stopped_clouds_are_a_clear_error_and_leave_the_state_as_it_was(tmp_path, resources_of):
    workspace = Workspace(tmp_path / "place")
    workspace.create()
    engine = bootstrap.engine(print, "emulated")
    with running([ACCOUNT], workspace.logs) as clouds:
        values = bootstrap.variables(workspace, engine, clouds, "passphrase", ACCOUNT)
        stack = bootstrap.stack(workspace, values)
        stack.create()
        stack.up()
    before = resources_of(stack)

    with pytest.raises(SandboxError) as failed:
        stack.up()

    said = str(failed.value)
    assert clouds.aws_url in said or "https://sandbox.okta.test" in said
    assert "Connection refused" in said
    assert "Traceback" not in str(failed.value)
    assert resources_of(stack) == before
