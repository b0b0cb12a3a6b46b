"""`python -m tools.licences`: writes docs/reference/licences.md, the licence of each package.

Of the packages in `requirements/locks`, as their own metadata say (License-Expression, classifiers,
or the field License). A test holds the page to the packages and the licences to `ALLOWED`.
"""

import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs/reference/licences.md"
LOCKS = ROOT / "requirements/locks"

ALLOWED = {
    "Apache-2.0",
    "BSD",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CNRI-Python",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "PSF-2.0",
}
"""Permissive licences, and the MPL, which asks for nothing of who uses a package as it is."""

SPELLINGS = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
READ_BY_HAND = {"axe-playwright-python": "MIT"}
"""Packages whose metadata name no licence -> what their LICENSE file is."""


def locked(lock: str) -> dict[str, str]:
    """Package -> version of a lock, of those that this platform installs."""
    text = (LOCKS / f"{lock}.txt").read_text()
    return dict(re.findall(r"^([\w.-]+)==([\w.!+-]+)", text, re.MULTILINE))


def licence(package: str) -> str | None:
    """The licence as an SPDX expression; None if the package is not installed here."""
    try:
        metadata = distribution(package).metadata
    except PackageNotFoundError:
        return None
    if package in READ_BY_HAND:
        return READ_BY_HAND[package]
    if "License-Expression" in metadata:
        return str(metadata["License-Expression"])
    named = [
        each.rpartition(" :: ")[2]
        for each in metadata.get_all("Classifier") or []
        if each.startswith("License ::")
    ]
    if not named:
        [field] = metadata.get_all("License") or [""]
        named = [field.partition("\n")[0]]
    return " OR ".join(SPELLINGS.get(each, each) for each in named)


def parts(expression: str) -> set[str]:
    """The licences in an SPDX expression."""
    return set(re.split(r"\s+(?:AND|OR)\s+|[()]", expression)) - {""}


def page() -> str:
    """The page, the same for the same packages."""
    rows = [
        f"| {package} | {expression} |"
        for package in sorted(locked("dev"), key=str.lower)
        if (expression := licence(package)) is not None
    ]
    return "\n".join(
        [
            "# Licences",
            "",
            "Of every Python package that the program, its tests or its tools install, as the "
            "package says. Written by `make licences`.",
            "",
            "| package | licence |",
            "|---|---|",
            *rows,
            "",
        ]
    )


if __name__ == "__main__":
    PAGE.write_text(page())
