"""Every route of the management API was asked by the contract's other files."""

import re
from pathlib import Path

import pytest

from sandbox.okta import application, factors, pages, sessions


def test_every_route_of_the_management_api_was_asked(asked):
    """Runs after the others; only a process that ran all of them can tell."""
    files = set(Path(__file__).parent.glob("test_okta_contract*.py")) - {Path(__file__)}
    written = {
        name for file in files for name in re.findall(r"^def (test_\w+)", file.read_text(), re.M)
    }
    if written != asked.tests:
        pytest.skip("a part of the contract ran here")
    routes = [
        (method, route)
        for subject in application.SUBJECTS
        if subject not in (sessions, pages, factors)  # they have files of their own
        for route in subject.ROUTES
        if route.path.startswith("/api/v1/")
        for method in route.methods - {"HEAD"}
    ]

    unasked = [
        f"{method} {route.path}"
        for method, route in routes
        if not any(m == method and route.path_regex.match(path) for m, path in asked.requests)
    ]

    assert len(routes) > 50
    assert unasked == [], "a route that no test asks may be a lie"
