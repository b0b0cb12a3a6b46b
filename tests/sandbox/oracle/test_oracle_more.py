"""150 more random estates, with a seed of the day in CI: see `test_oracle.py`."""

import os
import random

from tests.sandbox.oracle.judged import judged

SEED = int(os.environ.get("TEST_SEED") or (random.randrange(10**6) if os.environ.get("CI") else 2))


def test_what_the_model_says_of_150_more_estates_is_what_happens():
    print(f"TEST_SEED={SEED}")  # shown if it fails, to do it again

    seen = judged(SEED, 150)

    assert seen["estates"] == 150
    assert seen["allowed"] + seen["denied"] > 5_000
    assert seen["judged"] > 2_500
