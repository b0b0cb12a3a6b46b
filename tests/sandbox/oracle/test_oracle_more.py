"""150 more random estates, with another seed: see `test_oracle.py`."""

import os

from tests.sandbox.oracle.judged import judged

SEED = int(os.environ.get("TEST_SEED", "2"))


def test_what_the_model_says_of_150_more_estates_is_what_happens():
    print(f"TEST_SEED={SEED}")  # shown if it fails, to do it again

    seen = judged(SEED, 150)

    assert seen["estates"] == 150
    assert seen["allowed"] + seen["denied"] > 5_000
    assert seen["judged"] > 2_500
