"""The state of the emulated AWS: accounts, sessions, faults; moto's backends store the rest."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from moto.iam.models import Group, IAMBackend, Role, User, iam_backends

from okta_aws_federation.partitions import Partition
from sandbox.aws.consistency import Propagation, UnseenWrites
from sandbox.aws.sessions import Sessions
from sandbox.faults import Faults


@dataclass
class Cloud:
    """The state that the modules of the local AWS share. Replace `clock` to move time."""

    accounts: Mapping[str, Partition]
    """The accounts there are, and the partition that each lies in."""

    sessions: Sessions = field(default_factory=Sessions)
    propagation: Propagation = field(default_factory=Propagation)
    faults: Faults = field(default_factory=Faults)
    written: Callable[[], None] = lambda: None
    """Called after each request that may have changed something."""

    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    unseen: UnseenWrites = field(init=False)

    def __post_init__(self) -> None:
        self.unseen = UnseenWrites(self)

    def now(self) -> datetime:
        """The time by the cloud's clock, which a fault may have set forward or back."""
        return self.clock() + self.faults.clock_skew

    def iam(self, account: str) -> IAMBackend:
        """The IAM of an account."""
        return iam_backends[account][self.accounts[account].name]

    def arn(self, account: str, resource: str, service: str = "iam") -> str:
        """`arn:<partition>:iam::<account>:<resource>`."""
        return f"arn:{self.accounts[account].name}:{service}::{account}:{resource}"

    def role(self, arn: str) -> Role | None:
        """The role with that ARN, in whichever account."""
        account, name = account_of(arn), arn.rpartition("/")[2]
        if account not in self.accounts:
            return None
        roles = self.iam(account).roles.values()
        return next((role for role in roles if role.name == name and role.arn == arn), None)


def entity_of(iam: IAMBackend, parameters: Mapping[str, str]) -> Role | User | Group | None:
    """Whom a request names; one that names a group and a user is about the group."""
    if "GroupName" in parameters:
        return iam.groups.get(parameters["GroupName"])
    if "RoleName" in parameters:
        return next((r for r in iam.roles.values() if r.name == parameters["RoleName"]), None)
    return iam.users.get(parameters.get("UserName", ""))


def account_of(arn: str) -> str:
    """The account of an ARN; empty when it names none."""
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 else ""
