"""What is installed is what was looked at: versions, hashes and licences."""

import re

import pytest
import yaml

from tools import licences

ROOT = licences.ROOT
LOCKS = sorted(licences.LOCKS.glob("*.txt"))
CONSTRAINTS = dict(
    re.findall(
        r"^([\w.-]+)==(\S+)", (ROOT / "requirements" / "constraints.txt").read_text(), re.MULTILINE
    )
)


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_every_package_of_a_lock_has_its_hashes_and_the_version_of_the_constraints(lock):
    entries = re.split(r"^(?=[A-Za-z0-9])", lock.read_text(), flags=re.MULTILINE)[1:]
    versions = {normal(name): version for name, version in CONSTRAINTS.items()}

    assert len(entries) > 40
    for entry in entries:
        name, version = re.match(r"([\w.-]+)==(\S+)", entry).groups()
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), name
        assert "@" not in entry.partition("--hash")[0], f"{name} comes from an address"
        one_platform = ";" in entry.partition("\\")[0]
        assert one_platform or versions.get(normal(name), version) == version, name


@pytest.mark.parametrize("lock", ["dev", "pipeline"])
def test_a_lock_has_what_its_requirements_name(lock):
    names = {normal(name) for name in licences.locked(lock)}

    assert requirements(ROOT / "requirements" / f"{lock}.txt") <= names


def requirements(file):
    found = set()
    for line in file.read_text().splitlines():
        line = line.partition("#")[0].strip()
        if line.startswith("-r "):
            found |= requirements(file.parent / line[3:].strip())
        elif line and not line.startswith("-"):
            found.add(normal(re.match(r"[\w.-]+", line)[0]))
    return found


@pytest.mark.parametrize("package", sorted(licences.locked("dev")))
def test_every_licence_is_on_the_list(package):
    expression = licences.licence(package)

    assert expression is None or licences.parts(expression) <= licences.ALLOWED, expression


def test_the_page_lists_every_package_that_is_installed():
    assert licences.PAGE.read_text() == licences.page(), "run `make licences`"


def test_the_workflows_install_by_hash_alone_and_the_audit_can_fail():
    text = {path.name: path.read_text() for path in (ROOT / ".github/workflows").glob("*.yml")}
    installs = [line for each in text.values() for line in re.findall(r"pip install .*", each)]

    assert len(installs) > 2
    for line in installs:
        by_hash = "--require-hashes --no-deps -r requirements/locks/" in line
        named = [word for word in line.split()[2:] if not word.startswith("-")]
        pinned = all("==" in word for word in named)
        assert by_hash or pinned or "--no-index --no-deps" in line, line
    [audit] = [
        step["run"]
        for step in yaml.safe_load(text["check.yml"])["jobs"]["audit"]["steps"]
        if step.get("name") == "Audit"
    ]
    assert "pip-audit --strict" in audit
    assert "requirements/locks/dev.txt" in audit
