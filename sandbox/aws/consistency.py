"""Eventual consistency: what was written is not seen for a while.

Source: IAM User Guide, "Changes that I make are not always immediately visible". Counted in looks
rather than in seconds, so that a test of it repeats.
"""

import copy
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from moto.iam.models import IAMBackend, iam_backends

from sandbox.aws.api_request import ApiRequest
from sandbox.aws.errors import AwsError

if TYPE_CHECKING:
    from sandbox.aws.cloud import Cloud

_READS = ("Describe", "Get", "Head", "List", "Simulate")
_NAMES = ("RoleName", "UserName", "GroupName", "PolicyName", "Name", "PolicyArn", "SAMLProviderArn")
_CREATED = {"Role": "RoleName", "User": "UserName", "Group": "GroupName"}
_RESOURCES = {
    "Role": "role",
    "User": "user",
    "Group": "group",
    "Policy": "policy",
    "SAMLProvider": "saml-provider",
}


@dataclass
class Propagation:
    """For how many looks a new principal stays unseen in policies."""

    _unseen: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def created(self, arn: str, looks: int) -> None:
        """Remember a principal that was made just now."""
        with self._lock:
            self._unseen[arn] = looks

    def visible(self, arn: str) -> bool:
        """Whether the principal is seen by now; each look brings that nearer."""
        with self._lock:
            left = self._unseen.get(arn, 0)
            if not left:
                return True
            if left > 1:
                self._unseen[arn] = left - 1
            else:
                del self._unseen[arn]
            return False


@dataclass
class UnseenWrite:
    """A write of IAM that took effect, and the account as it looked before."""

    account: str
    names: frozenset[str]
    """Names and ARNs by which a request can mean what was written."""

    kind: str
    """`Role` for CreateRole."""

    created: str | None
    """The name of a new role, user or group: naming it anywhere is answered NoSuchEntity."""

    before: IAMBackend
    looks: int

    def concerns(self, account: str, call: ApiRequest) -> bool:
        """Whether the request looks at what was written; a listing of everything does."""
        if account != self.account or call.service != "iam":
            return False
        named = {value for name, value in call.parameters.items() if name in _NAMES}
        if not is_read(call):
            return self.created in named and not (call.action or "").startswith("Create")
        return not named or bool(named & self.names)


@dataclass
class UnseenWrites:
    """The writes that lag; used with the gateway's turn only."""

    cloud: "Cloud"
    _writes: list[UnseenWrite] = field(default_factory=list)

    @contextmanager
    def lagging(self, account: str, call: ApiRequest, looks: int) -> Iterator[None]:
        """Run a write so that the next `looks` looks at it see the account as it was."""
        before = snapshot(self.cloud.iam(account))
        yield
        if call.service != "iam" or is_read(call):
            return
        kind = (call.action or "").removeprefix("Create")
        names = {value for name, value in call.parameters.items() if name in _NAMES}
        created = call.parameters.get(_CREATED.get(kind, ""))
        if kind in _RESOURCES and kind != call.action:
            path = "/" if kind == "SAMLProvider" else call.parameters.get("Path", "/")
            name = created or call.parameters.get("PolicyName") or call.parameters.get("Name", "")
            arn = self.cloud.arn(account, f"{_RESOURCES[kind]}{path}{name}")
            names.add(arn)
            self.cloud.propagation.created(arn, looks)
        self._writes.append(UnseenWrite(account, frozenset(names), kind, created, before, looks))

    @contextmanager
    def applied(self, account: str, call: ApiRequest) -> Iterator[None]:
        """Let a request see the account as it was, if it looks at something that lags.

        A write that names something new is answered as if that was not there. Raises AwsError.
        """
        write = next((one for one in self._writes if one.concerns(account, call)), None)
        if write is None:
            yield
            return
        write.looks -= 1
        if not write.looks:
            self._writes.remove(write)
        if not is_read(call):
            raise AwsError(
                "NoSuchEntity", f"The entity with name {write.created} cannot be found.", 404
            )
        backends, partition = iam_backends[account], self.cloud.accounts[account].name
        now, backends[partition] = backends[partition], write.before
        try:
            yield
        finally:
            backends[partition] = now


def is_read(call: ApiRequest) -> bool:
    """Whether a request changes nothing, by the name of its action."""
    return (call.action or "").startswith(_READS)


def snapshot(backend: IAMBackend) -> IAMBackend:
    """A copy of an account's IAM; the policies of AWS, which nobody can change, are shared."""
    shared = {
        id(policy): policy
        for arn, policy in backend.managed_policies.items()
        if ":aws:policy/" in arn
    }
    return copy.deepcopy(backend, shared)
