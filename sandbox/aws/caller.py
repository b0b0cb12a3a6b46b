"""Who is calling: from the access key of a signed request to a user or a session."""

from dataclasses import dataclass
from datetime import datetime

from moto.iam.models import AccessKeyLastUsed, User

from okta_aws_federation.iam.evaluator import Principal
from sandbox.aws.api_request import ApiRequest
from sandbox.aws.cloud import Cloud
from sandbox.aws.errors import AuthFailure, auth_error
from sandbox.aws.sessions import Session
from sandbox.aws.signature import check_signature


@dataclass(frozen=True)
class Caller:
    """An authenticated user (`user`) or role session (`session`)."""

    account: str
    arn: str
    user_id: str
    principal: Principal
    user: User | None
    session: Session | None


def authenticate(cloud: Cloud, call: ApiRequest) -> Caller:
    """The caller of a signed request; refuses unknown, inactive and expired keys, and forgeries."""
    scope = call.scope
    if scope is None:
        raise auth_error(call.protocol, AuthFailure.NOT_SIGNED)
    now = cloud.now()
    session = cloud.sessions.find(scope.access_key_id)
    if session is not None:
        caller = _session_caller(cloud, call, session, now)
    else:
        caller = _user_caller(cloud, call, now)
    if scope.region not in cloud.accounts[caller.account].regions:
        raise auth_error(call.protocol, AuthFailure.UNKNOWN_KEY)
    return caller


def _session_caller(cloud: Cloud, call: ApiRequest, session: Session, now: datetime) -> Caller:
    scope = call.scope
    if scope is None or _token(call) != session.session_token:
        raise auth_error(call.protocol, AuthFailure.UNKNOWN_KEY)
    check_signature(call, scope, session.secret_access_key, now)
    if session.expires <= now:
        raise auth_error(call.protocol, AuthFailure.EXPIRED)
    role = cloud.role(session.role_arn)
    if role is not None:
        role.last_used = now
        role.last_used_region = scope.region  # type: ignore[assignment]  # moto leaves it untyped
    principal = Principal.session(session.arn, session.role_arn)
    return Caller(session.account, session.arn, session.user_id, principal, None, session)


def _user_caller(cloud: Cloud, call: ApiRequest, now: datetime) -> Caller:
    scope = call.scope
    if scope is None or _token(call) is not None:
        raise auth_error(call.protocol, AuthFailure.UNKNOWN_KEY)
    for account in cloud.accounts:
        iam = cloud.iam(account)
        key = iam.access_keys.get(scope.access_key_id)
        user = iam.users.get(key.user_name) if key and key.user_name else None
        if key is None or user is None:
            continue
        if key.status != "Active":
            raise auth_error(call.protocol, AuthFailure.UNKNOWN_KEY)
        check_signature(call, scope, key.secret_access_key, now)
        key.last_used = AccessKeyLastUsed(now, scope.service, scope.region)
        return Caller(account, user.arn, user.id, Principal.user(user.arn), user, None)
    raise auth_error(call.protocol, AuthFailure.UNKNOWN_KEY)


def _token(call: ApiRequest) -> str | None:
    return call.headers.get("x-amz-security-token")
