"""Which file of the contract asks which routes: `CONTRACT` in conftest.py."""

from pathlib import Path

from sandbox.okta import application, pages, sessions
from sandbox.tests.okta.conftest import CONTRACT


def test_each_subject_of_the_management_api_is_in_a_file_of_the_contract():
    subjects = {
        subject
        for subject in application.SUBJECTS
        if any(route.path.startswith("/api/v1/") for route in subject.ROUTES)
    } - {sessions, pages}  # they have files of their own

    assert subjects == {subject for taken in CONTRACT.values() for subject in taken}
    for name in CONTRACT:
        assert Path(__file__).with_name(f"test_okta_contract_{name}.py").exists()
