"""A command-line app that somebody deletes in Okta: the lock, and the page's way out of it."""

from dataclasses import replace

import pytest

from sandbox.errors import SandboxError

ACCOUNT = "123456789012"
PAGE = "docs/how-to/troubleshooting.md"
STACK = {
    "accounts": {"main": {"id": ACCOUNT, "region": "us-east-1"}},
    "app": {"commandLine": {"label": "AWS on the command line"}},
    "roles": {"OktaDeveloper": {}},
    "provisioning": {"integration": "done"},
    "groups": {"AWSDeveloper": {"roles": ["OktaDeveloper"], "temporary": {}}},
}
GONE = r"failed to get OAuth application: 404 Not Found"


@pytest.fixture(scope="module")
def bench(bench_of):
    with bench_of(ACCOUNT, strict_roles=False) as bench:
        bench.stack = replace(bench.stack, name="dev")
        bench.stack.create()
        bench.write(STACK)
        bench.up()
        yield bench


def native_app(bench):
    """The command-line app's id in Okta."""
    [app] = [app for app in bench.okta("GET", "/api/v1/apps") if app["name"] == "oidc_client"]
    return app["id"]


def way_out(steps):
    """The page's lines."""
    [lines] = [block for block in steps(PAGE) if "app.commandLine" in block[0]]
    return lines


def delete_by_hand(bench):
    app = native_app(bench)
    bench.okta("POST", f"/api/v1/apps/{app}/lifecycle/deactivate")
    bench.okta("DELETE", f"/api/v1/apps/{app}")
    return app


def test_an_app_deleted_by_hand_locks_the_stack_and_the_page_unlocks_it(bench, steps):
    before = delete_by_hand(bench)
    for command in ("refresh", "refresh"):
        with pytest.raises(SandboxError, match=GONE):
            bench.stack.run(command, "--stack", "dev", "--yes", "--skip-preview")

    bench.type(*way_out(steps))
    bench.write(STACK)
    assert bench.up()["created"] == 2, "the app and its assignment"

    assert native_app(bench) != before
    assert bench.up() == {}
    bench.stack.run("refresh", "--stack", "dev", "--yes", "--skip-preview")
    assert bench.up() == {}


def test_where_a_destroy_stops_the_last_line_is_enough(bench, steps):
    delete_by_hand(bench)
    with pytest.raises(SandboxError, match=r"failed to delete"):
        bench.stack.destroy()

    bench.type(way_out(steps)[-1])

    bench.stack.destroy()
    assert bench.stack.outputs() == {}
