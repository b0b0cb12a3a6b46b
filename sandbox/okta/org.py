"""The org: everything it holds, how to find it, and where it stands."""

import secrets
from collections import deque
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, TypeVar

from joserfc.jwk import RSAKey
from starlette.requests import Request

from sandbox.faults import Faults
from sandbox.okta import identifiers
from sandbox.okta.behavior import Switches
from sandbox.okta.consistency import Unseen
from sandbox.okta.errors import not_found
from sandbox.okta.limits import Limits
from sandbox.okta.models import (
    App,
    DeviceCode,
    Grant,
    Group,
    GroupRule,
    Policy,
    Record,
    SamlApp,
    ServiceClient,
    Session,
    User,
    WebSsoToken,
)

T = TypeVar("T")

ISSUER = "http://www.okta.com/"
REMEMBERED_REQUESTS = 10_000

by_name: ContextVar[bool] = ContextVar("by_name", default=False)
"""Whether the present request came over HTTPS, to the org's own name."""


@dataclass(frozen=True, kw_only=True)
class Served:
    """One answered request, for tests that ask what was called."""

    method: str
    path: str
    query: str
    status: int


@dataclass(kw_only=True, eq=False)
class Org:
    local_url: str
    """`http://127.0.0.1:PORT`, without a slash at the end."""

    public_url: str = ""
    """`https://sandbox.okta.test`, where the org is served by its own name too."""

    aws_url: str | None = None
    """Where the local AWS listens; without one, no key can be tested and no role entered."""

    switches: Switches = field(default_factory=Switches)
    clock: Callable[[], datetime] = field(init=False)
    """The org's time: this machine's, plus the skew that a fault asks for."""

    token: str = field(default_factory=lambda: identifiers.new("00", 42))
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    id: str = field(default_factory=lambda: identifiers.new("00o"))
    faults: Faults = field(default_factory=Faults)
    limits: Limits = field(default_factory=Limits)
    unseen: list[Unseen] = field(default_factory=list)
    """Writes that reads do not see yet, because of a fault with effect `lag`."""

    on_change: Callable[[], None] = lambda: None
    """Called when a request may have changed something, before it is answered."""

    requests: deque[Served] = field(default_factory=lambda: deque(maxlen=REMEMBERED_REQUESTS))

    apps: dict[str, App] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    rules: dict[str, GroupRule] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)
    services: dict[str, ServiceClient] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    device_codes: dict[str, DeviceCode] = field(default_factory=dict)
    web_sso_tokens: dict[str, WebSsoToken] = field(default_factory=dict)
    dpop_nonce: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    dpop_proofs: deque[str] = field(default_factory=lambda: deque(maxlen=REMEMBERED_REQUESTS))
    """The `jti` of proofs that were used: none counts twice."""

    sessions: dict[str, Session] = field(default_factory=dict)
    session_tokens: dict[str, Session] = field(default_factory=dict)
    state_tokens: dict[str, Session] = field(default_factory=dict)
    logins: dict[str, User] = field(default_factory=dict)
    """Lower-case login -> user: Okta compares logins without case."""

    last_serial: int = 0

    def __post_init__(self) -> None:
        self.clock = lambda: datetime.now(UTC) + self.faults.clock_skew

    @property
    def url(self) -> str:
        """The address by which the present request reached the org; links begin with it."""
        return self.public_url if by_name.get() else self.local_url

    @cached_property
    def token_key(self) -> RSAKey:
        """What ID tokens are signed with."""
        return RSAKey.generate_key(2048)

    def serial(self) -> int:
        """A number larger than any given before: the order in which things were made."""
        self.last_serial += 1
        return self.last_serial

    def new_record(self, prefix: str) -> dict[str, Any]:
        """The fields of a new `Record`, with an id of this prefix."""
        now = self.clock()
        new_id = identifiers.new(prefix)
        return {"id": new_id, "serial": self.serial(), "created": now, "last_updated": now}

    def app(self, app_id: str) -> App:
        return lookup(self.apps, app_id, "AppInstance")

    def saml_app(self, app_id: str) -> SamlApp:
        """The app, if people sign in to it with SAML; no other has certificates or roles."""
        app = self.app(app_id)
        if not isinstance(app, SamlApp):
            raise not_found(app_id, "SAML AppInstance")
        return app

    @property
    def saml_apps(self) -> list[SamlApp]:
        return [app for app in self.apps.values() if isinstance(app, SamlApp)]

    def group(self, group_id: str) -> Group:
        return lookup(self.groups, group_id, "UserGroup")

    def rule(self, rule_id: str) -> GroupRule:
        return lookup(self.rules, rule_id, "GroupRule")

    def policy(self, policy_id: str) -> Policy:
        return lookup(self.policies, policy_id, "Policy")

    def user(self, id_or_login: str) -> User:
        user = self.users.get(id_or_login) or self.logins.get(id_or_login.lower())
        if user is None:
            raise not_found(id_or_login, "User")
        return user

    def join(self, group: Group, user: User) -> None:
        group.members[user.id] = user
        user.groups[group.id] = group
        group.last_membership_updated = self.clock()

    def leave(self, group: Group, user: User) -> None:
        group.members.pop(user.id, None)
        user.groups.pop(group.id, None)
        group.last_membership_updated = self.clock()

    @property
    def everyone(self) -> Group:
        return next(group for group in self.groups.values() if group.type == "BUILT_IN")


def lookup(things: dict[str, T], key: str, kind: str) -> T:
    """The thing of that id. Raises OktaError 404 that names its kind."""
    if key not in things:
        raise not_found(key, kind)
    return things[key]


def org_of(request: Request) -> Org:
    org = request.app.state.org
    if not isinstance(org, Org):
        raise TypeError("the application was built without an org")
    return org


def record_body(record: Record) -> dict[str, Any]:
    """What the body of every record begins with."""
    return {
        "id": record.id,
        "created": timestamp(record.created),
        "lastUpdated": timestamp(record.last_updated),
    }


def timestamp(moment: datetime) -> str:
    """`2026-11-25T02:00:00.000Z`, as Okta writes every moment."""
    return (
        moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
    )
