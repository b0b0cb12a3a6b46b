"""New sessions of roles: keys, token, ARN and id as STS forms them."""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from datetime import timedelta

from moto.iam.models import Role, User

from okta_aws_federation.iam.evaluator import Policy
from sandbox.aws.cloud import Cloud, account_of
from sandbox.aws.sessions import Session, new_session_token

_KEY = string.ascii_uppercase + "234567"


def new_session(
    cloud: Cloud,
    *,
    role: Role,
    name: str,
    lifetime: timedelta,
    policies: tuple[Policy, ...] | None = None,
    tags: Mapping[str, str] | None = None,
    transitive_tags: frozenset[str] = frozenset(),
    source_identity: str | None = None,
    federated_provider: str | None = None,
) -> Session:
    """A session of `role`, remembered by the cloud."""
    account = account_of(role.arn)
    now = cloud.now()
    return cloud.sessions.add(
        Session(
            account=account,
            access_key_id=_new_key_id(),
            secret_access_key=secrets.token_urlsafe(30),
            session_token=new_session_token(),
            arn=cloud.arn(account, f"assumed-role/{role.name}/{name}", "sts"),
            user_id=f"{role.id}:{name}",
            issued=now,
            expires=now + lifetime,
            role_arn=role.arn,
            policies=policies,
            tags=tags or {},
            transitive_tags=transitive_tags,
            source_identity=source_identity,
            federated_provider=federated_provider,
        )
    )


def new_user_session(cloud: Cloud, *, user: User, lifetime: timedelta) -> Session:
    """A session of a user's own, remembered by the cloud."""
    now = cloud.now()
    return cloud.sessions.add(
        Session(
            account=account_of(user.arn),
            access_key_id=_new_key_id(),
            secret_access_key=secrets.token_urlsafe(30),
            session_token=new_session_token(),
            arn=user.arn,
            user_id=user.id,
            issued=now,
            expires=now + lifetime,
            user_name=user.name,
        )
    )


def _new_key_id() -> str:
    return "ASIA" + "".join(secrets.choice(_KEY) for _ in range(16))
