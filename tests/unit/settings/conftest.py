"""A stack file that is right, to change one thing of."""

import copy

import pytest

import settings

RIGHT = {
    "accounts": {"main": {"id": "123456789012", "region": "us-east-1"}},
    "roles": {"Developer": {"managedPolicies": ["AmazonEC2ReadOnlyAccess"]}},
    "groups": {"AWSDeveloper": {"roles": ["Developer"], "members": ["ada@example.com"]}},
}
MAPPED = {
    "mode": "group-mapping",
    "accounts": {
        "one": {"id": "111111111111", "region": "us-east-1"},
        "two": {"id": "222222222222", "region": "eu-west-1"},
    },
    "roles": {"Developer": {}, "Auditor": {"accounts": ["two"]}},
    "groups": {
        "Engineers": {"roles": ["Developer", "Auditor"], "members": ["ada@example.com"]},
        "Leads": {"roles": ["Developer"], "accounts": ["one"], "members": ["grace@example.com"]},
    },
}


def changed(base: dict, path: str, value: object) -> dict:
    """A copy with the value at `a.b.c`; the sections on the way are made where they miss."""
    document = copy.deepcopy(base)
    here = document
    *sections, last = path.split(".")
    for section in sections:
        here = here.setdefault(section, {})
    here[last] = value
    return document


@pytest.fixture
def stack():
    """The settings of the right stack file, with changes at paths."""

    def stack(base=RIGHT, **changes):
        document = base
        for path, value in changes.items():
            document = changed(document, path.replace("__", "."), value)
        return settings.parse(document)

    return stack


@pytest.fixture
def refused():
    """The message with which a stack file is refused, changed at one path."""

    def refused(path, value, base=RIGHT):
        with pytest.raises(settings.SettingsError) as error:
            settings.parse(changed(base, path, value))
        return str(error.value)

    return refused


@pytest.fixture
def mapped():
    return MAPPED
