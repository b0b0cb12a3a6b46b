"""The policies that AWS maintains, as they were on one day.

`python -m access.aws_managed` renews them.
They come from the copy that moto ships, which needs the sandbox's packages; reading needs none.
"""

import gzip
import json
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from okta_aws_federation.iam.policy import Policy
from okta_aws_federation.partitions import PARTITIONS

_AWS_OWN = re.compile(r"arn:([a-z-]+):iam::aws:policy/(.+)")
SNAPSHOT = Path(__file__).with_name("aws-managed.json.gz")


@cache
def snapshot() -> dict[str, Any]:
    """`{"date": "2026-11-25", "policies": {"AmazonEC2ReadOnlyAccess": document as JSON}}`.

    A run reads few of the documents: as text all of them take a quarter of the memory.
    """
    read: dict[str, Any] = json.loads(gzip.decompress(SNAPSHOT.read_bytes()))
    return read


@cache
def policy(arn: str) -> Policy | None:
    """The policy behind `arn:aws:iam::aws:policy/<path><name>`; None for one that nobody knows.

    A customer's policy of the same name is another policy: the whole ARN says whose it is.
    """
    match = _AWS_OWN.fullmatch(arn)
    if match is None or match[1] not in {partition.name for partition in PARTITIONS}:
        return None
    path = match[2]
    document = snapshot()["policies"].get(path)
    return Policy.parse(document, name=arn.rpartition("/")[2]) if document else None


def source_note() -> str:
    """Where the policies come from, and of when they are."""
    return f"policies of AWS as of {snapshot()['date']}"


def renew() -> None:
    """Write the snapshot anew; the same policies give the same bytes."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    data: dict[str, dict[str, Any]] = json.loads(aws_managed_policies_data)
    policies = {
        f"{data[name].get('Path', '/')}{name}".lstrip("/"): json.dumps(
            data[name]["Document"], sort_keys=True, separators=(",", ":")
        )
        for name in sorted(data)
    }
    content = {"date": datetime.now(UTC).date().isoformat(), "policies": policies}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    SNAPSHOT.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    renew()
