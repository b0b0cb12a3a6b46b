"""Which cases of a parametrized test `make test` runs; `make test-slow` runs the others."""

from collections.abc import Iterable
from typing import Any

import pytest


def spread(cases: Iterable[Any], *in_ci: Any) -> list[Any]:
    """The cases for `parametrize`: those that are not named are marked slow.

    Raises AssertionError for a name that no case has, lest a renamed case leave `make test`.
    """
    cases = list(cases)
    assert not [name for name in in_ci if name not in cases]
    return [case if case in in_ci else pytest.param(case, marks=pytest.mark.slow) for case in cases]
