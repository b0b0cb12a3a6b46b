"""Temporary credentials: what STS hands out, and for how long it counts."""

import secrets
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from okta_aws_federation.iam.policy import Policy

_KEY = string.ascii_uppercase + "234567"


@dataclass(frozen=True)
class Session:
    """A session of a role."""

    account: str
    access_key_id: str
    secret_access_key: str
    session_token: str
    arn: str
    user_id: str
    role_arn: str
    issued: datetime
    expires: datetime
    policies: tuple[Policy, ...] | None = None
    """Session policies; None when the request has none."""
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive_tags: frozenset[str] = frozenset()
    source_identity: str | None = None
    federated_provider: str | None = None

    def credentials(self) -> dict[str, object]:
        """The `Credentials` structure of STS."""
        return {
            "AccessKeyId": self.access_key_id,
            "SecretAccessKey": self.secret_access_key,
            "SessionToken": self.session_token,
            "Expiration": self.expires,
        }

    def assumed_role(self) -> dict[str, object]:
        """What AssumeRole and AssumeRoleWithSAML answer alike."""
        return {
            "Credentials": self.credentials(),
            "AssumedRoleUser": {"AssumedRoleId": self.user_id, "Arn": self.arn},
            "PackedPolicySize": 0,
            "SourceIdentity": self.source_identity,
        }


class Sessions:
    """All sessions of one local cloud, by access key."""

    def __init__(self) -> None:
        self._by_key: dict[str, Session] = {}

    def begin(self, now: datetime, lifetime: timedelta, **fields: Any) -> Session:
        """A new session with keys of its own; `fields`: the others of `Session`."""
        return self.add(
            Session(
                access_key_id="ASIA" + "".join(secrets.choice(_KEY) for _ in range(16)),
                secret_access_key=secrets.token_urlsafe(30),
                session_token="FwoGZXIvYXdzE" + secrets.token_urlsafe(192),
                issued=now,
                expires=now + lifetime,
                **fields,
            )
        )

    def add(self, session: Session) -> Session:
        """Remember a session."""
        self._by_key[session.access_key_id] = session
        return session

    def __iter__(self) -> Iterator[Session]:
        return iter(self._by_key.values())

    def find(self, access_key_id: str) -> Session | None:
        """The session with that key, expired or not."""
        return self._by_key.get(access_key_id)
