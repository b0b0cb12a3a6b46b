"""The state of the emulated AWS in a file, so that it survives a restart.

What is there: IAM with users, keys and SAML providers, sessions, Parameter Store, Secrets Manager,
EventBridge. What is not: EC2 and S3, sessions that have a session policy, and queued faults. The
file holds secret keys in clear; only its owner can read it. Load no file that you did not write:
it is a pickle.
"""

import pickle
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from moto.core.base_backend import BackendDict
from moto.events.models import events_backends
from moto.iam.models import AWSManagedPolicy, IAMBackend, iam_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.ssm.models import ParameterDict, ssm_backends

from okta_aws_federation.partitions import Partition
from sandbox.aws.cloud import Cloud
from sandbox.aws.sessions import Session

FORMAT = 1
_BACKENDS: Mapping[str, BackendDict[Any]] = {
    "events": events_backends,
    "iam": iam_backends,
    "secretsmanager": secretsmanager_backends,
    "ssm": ssm_backends,
}


class UnusableState(ValueError):
    """The file is not one of this version, or of other accounts; the message says which."""


def save(cloud: Cloud, administrators: Mapping[str, Any], path: Path) -> None:
    """Write the state; a reader sees the old file or the new one, never half of it."""
    content = BytesIO()
    _Pickler(content, protocol=pickle.HIGHEST_PROTOCOL).dump(
        {
            "format": FORMAT,
            "accounts": {account: partition.name for account, partition in cloud.accounts.items()},
            "administrators": dict(administrators),
            "sessions": [one for one in cloud.sessions if one.policies is None],
            "backends": {
                name: {account: dict(backends[account]) for account in cloud.accounts}
                for name, backends in _BACKENDS.items()
            },
        }
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.touch(mode=0o600)
    new.write_bytes(content.getvalue())
    new.replace(path)


def load(cloud: Cloud, path: Path) -> dict[str, Any]:
    """Put the saved state in place of a fresh one; returns the administrators by account.

    Raises UnusableState.
    """
    try:
        with path.open("rb") as file:
            state = _Unpickler(file, cloud.accounts).load()
        form, accounts = state["format"], state["accounts"]
    except (pickle.UnpicklingError, EOFError, AttributeError, KeyError, TypeError) as error:
        raise UnusableState(f"{path} is no state of the emulated AWS: {error}") from None
    if form != FORMAT:
        raise UnusableState(f"{path} has format {form}, not {FORMAT}; delete it")
    wanted = {account: partition.name for account, partition in cloud.accounts.items()}
    if accounts != wanted:
        raise UnusableState(f"{path} is of accounts {', '.join(accounts)}; delete it")
    for name, by_account in state["backends"].items():
        for account, by_region in by_account.items():
            for region, backend in by_region.items():
                _BACKENDS[name][account][region] = backend
    for account in cloud.accounts:
        _count_attachments(cloud.iam(account))
    session: Session
    for session in state["sessions"]:
        cloud.sessions.add(session)
    administrators: dict[str, Any] = state["administrators"]
    return administrators


class _Pickler(pickle.Pickler):
    """Leaves out AWS's own policies, some 1,500 for each account, which every start loads."""

    def persistent_id(self, value: Any) -> tuple[str, str] | None:
        return (value.account_id, value.arn) if isinstance(value, AWSManagedPolicy) else None

    def reducer_override(self, value: Any) -> Any:
        """Two dicts of moto that pickle can't make again by itself."""
        if isinstance(value, ParameterDict):
            origin = (value.account_id, value.region_name)
            return ParameterDict, origin, vars(value), None, iter(value.items())
        if (
            type(value) is defaultdict
            and getattr(value.default_factory, "__name__", "") == "<lambda>"
        ):
            return _tags_by_type, (), None, None, iter(value.items())
        return NotImplemented


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: Any, accounts: Mapping[str, Partition]) -> None:
        super().__init__(file)
        self._policies = {
            account: dict(iam_backends[account][partition.name].managed_policies)
            for account, partition in accounts.items()
        }

    def persistent_load(self, identifier: tuple[str, str]) -> Any:
        account, arn = identifier
        return self._policies[account][arn]


def _tags_by_type() -> defaultdict[str, defaultdict[str, dict[str, str]]]:
    """As moto's Parameter Store has it: type of resource -> id -> tags."""
    return defaultdict(lambda: defaultdict(dict))


def _count_attachments(iam: IAMBackend) -> None:
    attached = Counter(_attachments(iam))
    for arn, policy in iam.managed_policies.items():
        policy.attachment_count = attached[arn]


def _attachments(iam: IAMBackend) -> Iterator[str]:
    for holders in (iam.roles, iam.users, iam.groups):
        for holder in holders.values():
            yield from holder.managed_policies
