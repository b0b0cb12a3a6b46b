"""150 more random estates, some in other partitions, with another seed: see `test_oracle.py`."""

import os
from collections import Counter

from tests.integration.oracle.judged import SHARE, judged

SEED = int(os.environ.get("TEST_SEED", "2"))


def test_what_the_model_says_of_150_more_estates_is_what_happens():
    seen = Counter[str]()
    for partition, number in {"aws": 126, "aws-us-gov": 12, "aws-cn": 12}.items():
        seen += judged(SEED, number // SHARE, partition)

    assert seen["estates"] == 150 // SHARE
    assert seen["allowed"] + seen["denied"] > 5_000 / SHARE
    assert seen["judged"] > 4_500 / SHARE
