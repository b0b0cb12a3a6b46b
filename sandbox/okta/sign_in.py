"""Who a person is: passwords checked, sessions begun and ended.

Source for statuses and lock-out: https://developer.okta.com/docs/reference/api/authn/.
"""

from datetime import timedelta

from sandbox.okta import identifiers, passwords
from sandbox.okta.models import Session, User
from sandbox.okta.org import Org

ATTEMPTS = 10
"""Wrong passwords or codes in a row until an account is locked: Okta's default password policy."""

SESSION_LIFETIME = timedelta(hours=2)
TOKEN_LIFETIME = timedelta(minutes=5)


class SignInRefused(Exception):
    """No session for these credentials; `locked` says whether that is why."""

    def __init__(self, *, locked: bool) -> None:
        super().__init__("locked" if locked else "refused")
        self.locked = locked


def authenticate(org: Org, login: str, password: str) -> User:
    """The person whom the password proves.

    Raises SignInRefused, the same for an unknown login, a wrong password and a person who may
    not sign in.
    """
    user = org.logins.get(login.strip().lower())
    if user is None or user.password is None:
        raise SignInRefused(locked=False)
    if user.status == "LOCKED_OUT":
        raise SignInRefused(locked=True)
    if user.status != "ACTIVE":
        raise SignInRefused(locked=False)
    if not passwords.matches(password, user.password):
        _count_failure(org, user)
        raise SignInRefused(locked=user.status == "LOCKED_OUT")
    user.failed_sign_ins = 0
    user.last_login = org.clock()
    return user


def new_session_token(org: Org, user: User, *, factor_shown: bool = False) -> str:
    """A token that begins one session, once, within five minutes."""
    token = identifiers.new("20111", 40)
    org.session_tokens[token] = _session(org, user, TOKEN_LIFETIME)
    if factor_shown:
        org.session_tokens[token].factor_verified = org.clock()
    return token


def new_state_token(org: Org, user: User) -> str:
    """Stands for a person who has shown the password and owes a second factor."""
    state = _session(org, user, TOKEN_LIFETIME)
    state.id = identifiers.new("00", 40)
    org.state_tokens[state.id] = state
    return state.id


def redeem(org: Org, token: str) -> Session | None:
    """The session that the token begins; None when it is unknown, used or too old."""
    ticket = org.session_tokens.pop(token, None)
    if ticket is None or ticket.expires <= org.clock():
        return None
    session = begin(org, ticket.user)
    session.factor_verified = ticket.factor_verified
    return session


def begin(org: Org, user: User) -> Session:
    session = _session(org, user, SESSION_LIFETIME)
    org.sessions[session.id] = session
    return session


def end(org: Org, session: Session) -> None:
    org.sessions.pop(session.id, None)


def _session(org: Org, user: User, lifetime: timedelta) -> Session:
    now = org.clock()
    return Session(id=identifiers.new("102", 40), user=user, created=now, expires=now + lifetime)


def count_wrong_code(org: Org, user: User) -> None:
    """Codes are counted apart: a right password does not make up for them."""
    user.failed_codes += 1
    _lock_after(org, user, user.failed_codes)


def _count_failure(org: Org, user: User) -> None:
    user.failed_sign_ins += 1
    _lock_after(org, user, user.failed_sign_ins)


def _lock_after(org: Org, user: User, attempts: int) -> None:
    if attempts >= ATTEMPTS:
        user.status = "LOCKED_OUT"
        user.last_updated = org.clock()
