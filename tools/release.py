"""`python -m tools.release TAG`: whether a tag may be released.

Tag, version of pyproject.toml and newest section of CHANGELOG.md have to be the same: `v0.2.0`,
`0.2.0` and `## 0.2.0 - 2026-12-01`.
"""

import argparse
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def version(root: Path = ROOT) -> str:
    """The version of pyproject.toml."""
    project: dict[str, str] = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    return project["version"]


def sections(root: Path = ROOT) -> list[str]:
    """The released versions of CHANGELOG.md, newest first."""
    return re.findall(r"^## (\d+\.\d+\.\d+)\b", (root / "CHANGELOG.md").read_text(), re.MULTILINE)


def fault(tag: str, root: Path = ROOT) -> str | None:
    """Why a tag must not be released, in one line, or None."""
    expected = version(root)
    if tag != f"v{expected}":
        return f"tag {tag} is not v{expected}, the version of pyproject.toml: correct one of them"
    newest = next(iter(sections(root)), None)
    if newest != expected:
        return (
            f"CHANGELOG.md has {newest or 'no version'} as its newest section, not {expected}: "
            f"rename Unreleased to '{expected} - YYYY-MM-DD'"
        )
    return None


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.release",
        description="Check that tag, version and changelog agree. Exit code 1 if they do not.",
    )
    parser.add_argument("tag", help="such as v0.2.0")
    problem = fault(parser.parse_args().tag)
    if problem:
        print(f"error: {problem}", file=sys.stderr)
    return int(bool(problem))


if __name__ == "__main__":
    sys.exit(main())
