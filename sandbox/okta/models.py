"""What the org remembers: plain records, told apart by Okta's own nouns."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.x509 import Certificate


@dataclass(kw_only=True, eq=False)
class Record:
    """What everything has that Okta gives an id."""

    id: str
    serial: int
    """Larger than that of whatever was made before."""

    created: datetime
    last_updated: datetime


@dataclass(kw_only=True, eq=False)
class User(Record):
    profile: dict[str, Any]
    status: str
    password: Password | None = None
    is_administrator: bool = False
    failed_sign_ins: int = 0
    failed_codes: int = 0
    last_login: datetime | None = None
    groups: dict[str, Group] = field(default_factory=dict)
    factors: dict[str, Factor] = field(default_factory=dict)

    @property
    def login(self) -> str:
        return str(self.profile["login"])

    @property
    def name(self) -> str:
        return f"{self.profile.get('firstName') or ''} {self.profile.get('lastName') or ''}".strip()


@dataclass(frozen=True, kw_only=True)
class Password:
    salt: bytes
    digest: bytes


@dataclass(kw_only=True, eq=False)
class Factor:
    """A one-time password app on a person's phone, or Okta Verify, which asks there (push)."""

    id: str
    provider: str
    secret: str
    created: datetime
    kind: Literal["token:software:totp", "push"] = "token:software:totp"
    last_step: int = 0
    """The time step of the code that was used last: no code counts twice."""


@dataclass(kw_only=True, eq=False)
class Group(Record):
    profile: dict[str, Any]
    last_membership_updated: datetime
    type: Literal["OKTA_GROUP", "BUILT_IN", "APP_GROUP"] = "OKTA_GROUP"
    source: str = "okta"
    """Who masters the group, as `appFilter` names it: `okta`, or `active_directory`."""

    members: dict[str, User] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return str(self.profile["name"])


@dataclass(kw_only=True, eq=False)
class GroupRule(Record):
    name: str
    expression: str
    group_ids: list[str]
    excluded_users: list[str]
    status: Literal["ACTIVE", "INACTIVE"] = "INACTIVE"
    granted: set[tuple[str, str]] = field(default_factory=set)
    """(group id, user id) of the memberships that exist because of this rule."""


@dataclass(kw_only=True, eq=False)
class SigningKey:
    kid: str
    private_key: RSAPrivateKey
    certificate: Certificate
    created: datetime
    expires: datetime


@dataclass(kw_only=True, eq=False)
class GroupAssignment:
    group: Group
    serial: int
    priority: int
    profile: dict[str, Any]
    last_updated: datetime


@dataclass(kw_only=True, eq=False)
class AppUser:
    """A person assigned to an app directly (scope USER), not through a group."""

    user: User
    serial: int
    user_name: str
    profile: dict[str, Any]
    created: datetime
    last_updated: datetime


@dataclass(kw_only=True, eq=False)
class Integration:
    """The Provisioning tab: the AWS key, what it may do, and the roles it could list."""

    access_key_id: str
    secret_access_key: str
    roles: dict[str, str]
    """Role name -> ARN, as `iam:ListRoles` answered last."""

    refreshed: datetime
    create_users: bool = False
    update_attributes: bool = False

    @property
    def features(self) -> list[str]:
        names = {
            "PUSH_NEW_USERS": self.create_users,
            "PUSH_PROFILE_UPDATES": self.update_attributes,
        }
        return [name for name, on in names.items() if on]


@dataclass(kw_only=True, eq=False)
class App(Record):
    """What every app has, however people sign in to it."""

    status: Literal["ACTIVE", "INACTIVE"]
    policy_id: str | None
    label: str
    accessibility: dict[str, Any]
    visibility: dict[str, Any]
    notes: dict[str, Any]
    implicit_assignment: bool
    user_name_template: dict[str, Any]
    groups: dict[str, GroupAssignment] = field(default_factory=dict)
    users: dict[str, AppUser] = field(default_factory=dict)


@dataclass(kw_only=True, eq=False)
class SamlApp(App):
    """An instance of the catalogue app."""

    external_key: str
    settings: dict[str, Any]
    sign_on: dict[str, Any]
    keys: list[SigningKey]
    kid: str
    union_roles: bool = False
    """Whether `samlRoles` of several groups are combined, or only the first group's count."""

    integration: Integration | None = None

    @property
    def signing_key(self) -> SigningKey:
        return next(key for key in self.keys if key.kid == self.kid)


@dataclass(kw_only=True, eq=False)
class NativeApp(App):
    """A public OpenID client, as okta-aws-cli is; its client id is its id."""

    client: dict[str, Any]
    """`settings.oauthClient`: kind, grants, addresses."""

    authentication: dict[str, Any]
    """`credentials.oauthClient`: how the client proves itself."""


@dataclass(kw_only=True, eq=False)
class Policy(Record):
    name: str
    description: str
    priority: int
    system: bool = False
    rules: dict[str, PolicyRule] = field(default_factory=dict)


@dataclass(kw_only=True, eq=False)
class PolicyRule(Record):
    name: str
    priority: int
    conditions: dict[str, Any] | None
    actions: dict[str, Any]
    status: Literal["ACTIVE", "INACTIVE"] = "ACTIVE"
    system: bool = False


@dataclass(kw_only=True, eq=False)
class Session:
    id: str
    user: User
    created: datetime
    expires: datetime
    factor_verified: datetime | None = None
    """When the person showed a second factor in this session."""

    challenged: bool = False
    """A phone was asked to approve."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What an OAuth access token may do, and until when."""

    client_id: str
    scopes: frozenset[str]
    expires: datetime
    session: Session | None = None
    """Of a person's token; a service app acts for itself."""

    key_thumbprint: str | None = None
    """Of the key that each request has to prove (DPoP); None: a bearer token."""


@dataclass(kw_only=True, eq=False)
class DeviceCode:
    """A command line that waits for a person to approve it in a browser."""

    code: str
    user_code: str
    client_id: str
    scopes: frozenset[str]
    expires: datetime
    session: Session | None = None
    """Of the person who approved it."""


@dataclass(frozen=True, kw_only=True)
class WebSsoToken:
    """Opens one app for one person, once."""

    session: Session
    app_id: str
    expires: datetime


@dataclass(frozen=True, kw_only=True)
class ServiceClient:
    """An API Services app: a program that signs its own way in, with the scopes granted to it."""

    client_id: str
    public_key: RSAPublicKey
    scopes: frozenset[str]
