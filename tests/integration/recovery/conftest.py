"""One undisturbed life for all points, and a folder for each."""

import pytest

from tests.integration.recovery.sweep import undisturbed


@pytest.fixture(scope="session")
def wanted(tmp_path_factory):
    return undisturbed(tmp_path_factory.mktemp("undisturbed"))
