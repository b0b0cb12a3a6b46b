"""What an Okta org holds of a federation, read page by page.

Needs the scopes `okta.apps.read`, `okta.groups.read` and `okta.users.read`; `okta.policies.read`
where the stack makes a sign-on policy. The variables are those of the Okta provider: OKTA_ORG_NAME
and OKTA_BASE_URL, or OKTA_HTTP_PROXY in their place; OKTA_API_TOKEN, OKTA_ACCESS_TOKEN, or
OKTA_API_CLIENT_ID with OKTA_API_PRIVATE_KEY. Source: Okta's API reference.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from access.verification import certificates
from okta_aws_federation.okta_app import group_rule_name
from settings import SettingsError

TRIES, LONGEST_WAIT, PAGE = 6, 60, 200
SCOPES = "okta.apps.read okta.groups.read okta.users.read"
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True)
class Group:
    id: str
    people: frozenset[str]
    """Logins."""
    rules: Mapping[str, str]
    """Active rules that fill it: name -> expression."""
    rule_id: str | None
    """Of the rule that a stack makes for it, which is called like the group."""


@dataclass(frozen=True)
class Assignment:
    priority: int
    roles: tuple[str, ...]


@dataclass(frozen=True)
class AppState:
    """The app and everything around it."""

    app: Mapping[str, Any]
    """As `/api/v1/apps/{id}` answers."""
    metadata: str
    """What Okta serves for the key that signs; empty for an app that is not active."""
    assignments: Mapping[str, Assignment]
    """Group's name -> what its people get."""
    direct: frozenset[str]
    """Logins of people who have the app without a group."""
    combines_roles: bool
    policy: str | None
    """Name of the sign-on policy, if it could be read."""
    policy_id: str | None = None
    """Id of the sign-on policy."""
    client_policy_id: str | None = None
    """Id of the sign-on policy of the native app that may enter through this one, if there is
    one."""
    policy_is_default: bool | None = None
    """Whether the sign-on policy is the org's default one; None if it could not be read."""


@dataclass(frozen=True)
class OrgState:
    app: AppState | None
    groups: Mapping[str, Group]
    further_apps: tuple[str, ...] = ()
    """Ids of the other apps of the same label."""


@dataclass(frozen=True)
class Evidence:
    """What tells the stack's app from others of its label, in this order."""

    ids_in_state: Callable[[], Collection[str]] = tuple
    """Ids that the state holds; asked for only if there are several apps."""
    issuers: Collection[str] = ()
    """Entity ids that the accounts' SAML provider takes the word of."""
    provider_arns: Collection[str] = ()
    """ARNs of the stack's SAML providers, which tell its app if it has another label."""


class Org:
    """An org to be asked; a 429 is waited for as its headers say."""

    def __init__(self, observe: Callable[[httpx.Response], None] | None = None) -> None:
        """`observe` is called with every answer, a 429 too. Raises SettingsError."""
        # A named org is behind the proxy and the certificates that the environment names.
        plain_http = bool(os.environ.get("OKTA_HTTP_PROXY"))
        self._client = httpx.Client(
            base_url=_address(),
            timeout=60,
            trust_env=not plain_http,
            event_hooks={"response": [observe] if observe else []},
        )
        self._client.auth = self._who()

    def _who(self) -> httpx.Auth | Callable[[httpx.Request], httpx.Request]:
        if token := os.environ.get("OKTA_API_TOKEN"):
            return _authorized(f"SSWS {token}")
        if token := os.environ.get("OKTA_ACCESS_TOKEN"):
            return _authorized(f"Bearer {token}")
        client, key = (os.environ.get(f"OKTA_API_{name}") for name in ("CLIENT_ID", "PRIVATE_KEY"))
        if not (client and key):
            raise SettingsError(
                "Okta can't be read: set OKTA_API_TOKEN, or OKTA_API_CLIENT_ID and "
                "OKTA_API_PRIVATE_KEY"
            )
        path = "/oauth2/v1/token"
        form = {
            "grant_type": "client_credentials",
            "scope": os.environ.get("OKTA_API_SCOPES", SCOPES).replace(",", " "),
            "client_assertion_type": _ASSERTION,
            "client_assertion": _signed(client, key, f"{self._client.base_url}{path}"),
        }
        from access.verification.dpop import ApiProof, TokenProof  # needs joserfc

        token_proof = TokenProof()
        answer = self._ask("POST", path, data=form, auth=token_proof).json()
        if answer["token_type"].lower() == "dpop":
            return ApiProof(answer["access_token"], token_proof.key)
        return _authorized(f"Bearer {answer['access_token']}")

    def get(self, path: str, **query: str) -> Any:
        return _parsed(self._ask("GET", path, params=query), path)

    def text(self, path: str, **query: str) -> str:
        return self._ask("GET", path, params=query).text

    def send(self, method: str, path: str) -> None:
        """A request that changes something; nothing of the answer is needed."""
        self._ask(method, path)

    def every(self, path: str, **query: Any) -> Iterator[Any]:
        """All pages of a list."""
        following: dict[str, Any] | None = {**query, "limit": PAGE}
        while following is not None:
            answer = self._ask("GET", path, params=following)
            yield from _parsed(answer, path)
            link = answer.links.get("next")
            following = parse_qs(urlsplit(link["url"]).query) if link else None

    def exchange(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Whatever is answered; a 429 is waited for, `TRIES` times. Raises SettingsError."""
        for attempt in range(TRIES):
            try:
                answer = self._client.request(method, path, **options)
            except httpx.HTTPError as error:
                raise SettingsError(f"Okta can't be read: {path}: {error}") from None
            if answer.status_code != httpx.codes.TOO_MANY_REQUESTS or attempt == TRIES - 1:
                break
            time.sleep(_until_reset(answer))
        return answer

    def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        answer = self.exchange(method, path, **options)
        if answer.is_error:
            raise SettingsError(f"Okta can't be read: {path}: {_complaint(answer)}")
        return answer


def _parsed(answer: httpx.Response, path: str) -> Any:
    """Raises SettingsError for what is no JSON, such as the HTML page of a proxy."""
    try:
        return answer.json()
    except ValueError:
        kind = answer.headers.get("Content-Type", "no type")
        raise SettingsError(
            f"Okta can't be read: {path}: the answer is no JSON ({kind}); check that OKTA_ORG_NAME "
            "and OKTA_BASE_URL lead to the org, and what is between"
        ) from None


def _authorized(value: str) -> Callable[[httpx.Request], httpx.Request]:
    """Each request with the header `Authorization`."""

    def authorize(request: httpx.Request) -> httpx.Request:
        request.headers["Authorization"] = value
        return request

    return authorize


def read(
    org: Org, label: str, names: Sequence[str], *, policy: bool, evidence: Evidence
) -> OrgState:
    """The app of that label, and the groups of these names. Raises SettingsError.

    An app that was renamed is found by the SAML provider that it names.
    """
    apps = [
        app
        for app in org.every("/api/v1/apps", q=label)
        if app["label"] == label and app["name"] == "amazon_aws"
    ]
    if not apps and evidence.provider_arns:
        apps = [
            app
            for app in org.every("/api/v1/apps")
            if app["name"] == "amazon_aws"
            and app["settings"]["app"].get("identityProviderArn") in evidence.provider_arns
        ]
    ours, further = _ours(org, apps, evidence)
    every_group = {group["profile"]["name"]: group["id"] for group in org.every("/api/v1/groups")}
    rules = list(org.every("/api/v1/groups/rules"))
    groups = {
        name: group_state(org, name, every_group[name], rules)
        for name in names
        if name in every_group
    }
    names_by_id = {identifier: name for name, identifier in every_group.items()}
    return OrgState(app_state(org, ours, names_by_id, policy) if ours else None, groups, further)


def _ours(
    org: Org, apps: Sequence[Mapping[str, Any]], evidence: Evidence
) -> tuple[Mapping[str, Any] | None, tuple[str, ...]]:
    """The stack's app, and the ids of the others: Okta takes two apps of one label."""
    if len(apps) < 2:
        return (apps[0] if apps else None), ()
    ids_in_state = evidence.ids_in_state()

    def rank(app: Mapping[str, Any]) -> tuple[bool, bool, bool, str]:
        metadata = _metadata(org, app)
        trusted = bool(metadata) and certificates.issuer(metadata) in evidence.issuers
        assigned = any(True for _ in org.every(f"/api/v1/apps/{app['id']}/groups"))
        return app["id"] not in ids_in_state, not trusted, not assigned, app["created"]

    ordered = sorted(apps, key=rank)
    return ordered[0], tuple(app["id"] for app in ordered[1:])


def _metadata(org: Org, app: Mapping[str, Any]) -> str:
    """What Okta serves for the key that signs; empty for an app that is not active."""
    kid = app["credentials"]["signing"].get("kid")
    if app["status"] != "ACTIVE" or not kid:
        return ""
    return org.text(f"/api/v1/apps/{app['id']}/sso/saml/metadata", kid=kid)


def group_state(org: Org, name: str, identifier: str, rules: Sequence[Any]) -> Group:
    """A group with its people. `rules`: all of the org, as `/api/v1/groups/rules` answers."""
    people = org.every(f"/api/v1/groups/{identifier}/users")
    fills = {
        rule["name"]: rule["conditions"]["expression"]["value"]
        for rule in rules
        if rule["status"] == "ACTIVE"
        and identifier in rule["actions"]["assignUserToGroups"]["groupIds"]
    }
    own = [rule["id"] for rule in rules if rule["name"] == group_rule_name(name)]
    logins = frozenset(each["profile"]["login"] for each in people)
    return Group(identifier, logins, fills, own[0] if own else None)


def app_state(org: Org, app: Mapping[str, Any], names: Mapping[str, str], policy: bool) -> AppState:
    """An app with its assignments. `names`: id of each group -> its name."""
    path = f"/api/v1/apps/{app['id']}"
    schema = org.get(f"/api/v1/meta/schemas/apps/{app['id']}/default")
    roles_property = schema["definitions"]["base"]["properties"].get("samlRoles", {})
    policy_id = _policy_id(app)
    read = _policy(org, policy_id, required=policy) if policy_id else {}
    return AppState(
        app=app,
        metadata=_metadata(org, app),
        assignments={
            names.get(each["id"], each["id"]): Assignment(
                each["priority"], tuple((each["profile"] or {}).get("samlRoles") or ())
            )
            for each in org.every(f"{path}/groups")
        },
        direct=frozenset(
            each["credentials"]["userName"]
            for each in org.every(f"{path}/users")
            if each["scope"] == "USER"
        ),
        combines_roles=roles_property.get("union") == "ENABLE",
        policy=read.get("name"),
        policy_id=policy_id,
        client_policy_id=_client_policy_id(org, app),
        policy_is_default=read.get("system"),
    )


def _client_policy_id(org: Org, app: Mapping[str, Any]) -> str | None:
    client = app["settings"]["app"].get("webSSOAllowedClient")
    if not client:
        return None
    native = (
        each
        for each in org.every("/api/v1/apps", filter='name eq "oidc_client"')
        if each["credentials"]["oauthClient"]["client_id"] == client
    )
    return next(map(_policy_id, native), None)


def _policy_id(app: Mapping[str, Any]) -> str | None:
    link: str = app.get("_links", {}).get("accessPolicy", {}).get("href", "")
    return link.rpartition("/")[2] or None


def _policy(org: Org, identifier: str, *, required: bool) -> Mapping[str, Any]:
    """The policy; nothing where it is not required and the token has no `okta.policies.read`."""
    path = f"/api/v1/policies/{identifier}"
    if not required:
        answer = org.exchange("GET", path)
        return {} if answer.is_error else dict(answer.json())
    return dict(org.get(path))


def _address() -> str:
    if proxy := os.environ.get("OKTA_HTTP_PROXY"):
        return proxy.rstrip("/")
    name, base = os.environ.get("OKTA_ORG_NAME"), os.environ.get("OKTA_BASE_URL", "okta.com")
    if not name:
        raise SettingsError("Okta can't be read: set OKTA_ORG_NAME and OKTA_BASE_URL")
    return f"https://{name}.{base}"


def _signed(client: str, key: str, audience: str) -> str:
    """A JWT that says who the client is (RFC 7523, section 2.2)."""
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import RSAKey

    now = int(time.time())
    claims = {"iss": client, "sub": client, "aud": audience, "iat": now, "exp": now + 300}
    key_id = os.environ.get("OKTA_API_PRIVATE_KEY_ID")
    header = {"alg": "RS256"} | ({"kid": key_id} if key_id else {})
    try:
        return jwt.encode(header, claims, RSAKey.import_key(key))
    except (JoseError, ValueError) as error:
        raise SettingsError(f"OKTA_API_PRIVATE_KEY is no RSA key in PEM: {error}") from None


def _until_reset(answer: httpx.Response) -> float:
    try:
        now = parsedate_to_datetime(answer.headers["Date"]).timestamp()
        return min(max(0.0, float(answer.headers["X-Rate-Limit-Reset"]) - now + 1), LONGEST_WAIT)
    except (KeyError, ValueError):
        return 1.0


def _complaint(answer: httpx.Response) -> str:
    """Okta's code and words, and what to do about them: of its API, or of the token endpoint."""
    try:
        body = answer.json()
    except ValueError:
        body = None
    body = body if isinstance(body, dict) else {}
    code = str(body.get("errorCode") or body.get("error") or "")
    words = body.get("errorSummary") or body.get("error_description") or answer.reason_phrase
    hint = {401: "; check the token", 403: f"; the token needs {SCOPES}"}.get(
        answer.status_code, ""
    )
    if "dpop" in code.lower():
        hint = (
            "; clear Require Demonstrating Proof of Possession (DPoP) header in token requests, on "
            "the General tab of the API services app"
        )
    return f"{answer.status_code} {code} {words}{hint}".replace("  ", " ")
