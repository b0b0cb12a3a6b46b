"""What Okta says of a person at AWS, and what AWS then knows of the person's session.

Condition keys are in lower case. A value that only Okta knows has no entry, and its key is in
`unknown`. Sources: IAM User Guide, "IAM and AWS STS condition context keys" (SAML), "AWS global
condition context keys", "Pass session tags in AWS STS"; okta.com help, "SAML attributes".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time

from access.uncertainty import unknown_keys
from okta_aws_federation.iam.matching import ContextValue
from okta_aws_federation.iam.policy import Policy
from settings import Account, AccountRole, Settings

NOTHING: Mapping[str, ContextValue] = {}
REQUEST_TAG, PRINCIPAL_TAG = "aws:requesttag/", "aws:principaltag/"
_REFERENCE = re.compile(r"user\.(\w+)")
_TEXT = re.compile(r"""(["'])([^"'\\]*)\1""")
SELF_EDITED = frozenset({"firstName", "lastName", "email", "mobilePhone", "secondEmail"})
"""Attributes that people may change of themselves, unless the org's schema is another: in Okta's
default one their permission for SELF is READ_WRITE. So what the file says of them is no proof."""
NEVER_SET = frozenset({"aws:username", "aws:multifactorauthage", "sts:externalid"})
"""Keys that a session which began with SAML does not have."""
GLOBAL_SERVICES = frozenset({"iam", "organizations", "account", "cloudfront", "route53", "support"})
"""Their calls all go to the partition's first region ("aws:RequestedRegion")."""


@dataclass(frozen=True)
class KnownContext:
    """Condition keys and their values, and which keys have a value that nobody here knows."""

    known: Mapping[str, ContextValue]
    unknown: frozenset[str]
    absent: tuple[str, ...]
    """Prefixes of keys that have no value unless they are listed above."""
    assumed: frozenset[str] = frozenset()
    """Those of `known` that the caller can make otherwise, such as the region of a call."""

    def determines(self, key: str) -> bool:
        """Whether it is known what a request holds for the key, be it nothing."""
        if key in self.known or (key in NEVER_SET and key not in self.unknown):
            return True
        return key not in self.unknown and key.startswith(self.absent)

    def open_keys(
        self, policies: tuple[Policy, ...], action: str
    ) -> tuple[frozenset[str], frozenset[str]]:
        """What policies ask of an action: keys without a known value, and with an assumed one."""
        unknown = unknown_keys(policies, action, self.determines)
        return unknown, unknown_keys(policies, action, lambda key: key not in self.assumed)

    def for_assume_role(self) -> KnownContext:
        """The same in a call of sts:AssumeRole, in which the caller names tags and session."""
        known = dict(self.known)
        unknown = {*self.unknown, "sts:rolesessionname", "sts:externalid"}
        if "aws:sourceidentity" in self.unknown:
            unknown.add("sts:sourceidentity")
        elif "aws:sourceidentity" in known:
            known["sts:sourceidentity"] = known["aws:sourceidentity"]
        return replace(self, known=known, unknown=frozenset(unknown))

    def with_values(self, context: Mapping[str, ContextValue]) -> KnownContext:
        """The same with values that the question itself gives."""
        if not context:
            return self
        lower = {key.lower(): value for key, value in context.items()}
        return KnownContext(
            {**self.known, **lower},
            self.unknown - lower.keys(),
            self.absent,
            self.assumed - lower.keys(),
        )


def value_of(stack: Settings, login: str | None, expression: str) -> str | None:
    """The value of an Okta expression, if the stack file says it; None if only Okta knows it."""
    if text := _TEXT.fullmatch(expression.strip()):
        return text[2]
    reference = _REFERENCE.fullmatch(expression.strip())
    if login is None or reference is None or reference[1] in SELF_EDITED:
        return None
    if reference[1] == "login":
        return login if spelling_is_known(login) else None
    lower = login.lower()
    person = next((each for key, each in stack.people.items() if key.lower() == lower), None)
    values = person.model_dump(by_alias=True) if person else {}
    value = values.get(reference[1])
    return value if isinstance(value, str) else None


def session_name(stack: Settings, login: str | None) -> str | None:
    """The person's name in the app, which becomes the role session name; None if only Okta knows
    it."""
    return value_of(stack, login, stack.app.user_name_template or "user.login")


def spelling_is_known(login: str) -> bool:
    """Whether Okta sends the login as it stands here: capitals may be the file's alone."""
    return login == login.lower()


def assertion(stack: Settings, login: str | None, account_role: AccountRole) -> KnownContext:
    """What a trust policy can ask of the assertion; `login` None: of some person."""
    account = stack.accounts[account_role.account]
    known: dict[str, ContextValue] = {
        **clock_keys(stack),
        "saml:aud": sign_in_url(stack),
        "saml:doc": f"{account.id}/{stack.app.provider}",
    }
    sent = {"sts:rolesessionname": session_name(stack, login)}
    sent |= _tags_and_identity(stack, login, REQUEST_TAG, "sts:sourceidentity")
    known |= {key: value for key, value in sent.items() if value is not None}
    if networks := stack.roles[account_role.role].trust.source_ips:
        # People are taken to come from where the role accepts them.
        known["aws:sourceip"] = networks[0].partition("/")[0]
    if stack.app.session_tags:
        known["aws:tagkeys"] = tuple(sorted(stack.app.session_tags))
    if stack.app.transitive_tags:
        known["sts:transitivetagkeys"] = tuple(sorted(stack.app.transitive_tags))
    absent = (REQUEST_TAG, "aws:tagkeys", "sts:sourceidentity", "sts:transitivetagkeys")
    unknown = frozenset(sent.keys() - known.keys())
    return KnownContext(known, unknown, absent, frozenset({"aws:sourceip"}))


def _tags_and_identity(
    stack: Settings, login: str | None, prefix: str, identity_key: str
) -> dict[str, str | None]:
    """Key of each session tag, and of the source identity -> its value; None if only Okta knows
    it."""
    values = {prefix + key.lower(): value for key, value in tags(stack, login).items()}
    if identity := stack.app.source_identity:
        values[identity_key] = value_of(stack, login, identity.value)
    return values


def without_unknown_tags(facts: KnownContext) -> KnownContext:
    """The same of a person who has no value for any tag that only Okta knows: none is sent."""
    unsent = {key for key in facts.unknown if key.startswith(REQUEST_TAG)}
    if not unsent:
        return facts
    unsent_tags = {key.removeprefix(REQUEST_TAG) for key in unsent}
    known = dict(facts.known)
    for name in ("aws:tagkeys", "sts:transitivetagkeys"):
        sent = tuple(key for key in known.pop(name, ()) if key.lower() not in unsent_tags)
        if sent:
            known[name] = sent
    return replace(facts, known=known, unknown=facts.unknown - unsent)


def session(
    stack: Settings, login: str | None, account_role: AccountRole, action: str | None = None
) -> KnownContext:
    """What AWS knows of the caller once the person is in the role, and calls in its region."""
    role, account = stack.sections_of(account_role)
    sent = _tags_and_identity(stack, login, PRINCIPAL_TAG, "aws:sourceidentity")
    unknown = {key for key, value in sent.items() if value is None}
    own_tags = {
        PRINCIPAL_TAG + key.lower(): value for key, value in (stack.tags | role.tags).items()
    }
    known: dict[str, ContextValue] = {
        **clock_keys(stack),
        "aws:principalarn": stack.role_arn(account_role),
        "aws:principalaccount": account.id,
        "aws:principaltype": "AssumedRole",
        "aws:federatedprovider": account.saml_provider_arn(stack.app.provider),
        "aws:multifactorauthpresent": "false",
        "aws:securetransport": "true",
        "aws:viaawsservice": "false",
        "aws:principalisawsservice": "false",
        "aws:requestedregion": called_region(account, action),
        **{key: value for key, value in own_tags.items() if key not in unknown},
        **{key: value for key, value in sent.items() if value is not None},
    }
    assumed = {"aws:securetransport", "aws:viaawsservice"}
    if _service(action) not in GLOBAL_SERVICES:
        assumed.add("aws:requestedregion")
    return KnownContext(
        known, frozenset(unknown), (PRINCIPAL_TAG, "aws:sourceidentity"), frozenset(assumed)
    )


def chained_session(
    stack: Settings,
    login: str | None,
    account_role: AccountRole,
    action: str | None = None,
    *,
    own_tags: bool,
    own_identity: bool,
) -> KnownContext:
    """The same after sts:AssumeRole from another role: the provider and session tags that are not
    transitive are left behind.

    `own_tags`, `own_identity`: whether a role lets the caller set session tags, and this one a
    source identity where the app sends none. What the caller may choose, nobody here knows.
    """
    context = session(stack, login, account_role, action)
    roles_own = {**stack.tags, **stack.roles[account_role.role].tags}
    tags = {} if own_tags else {PRINCIPAL_TAG + k.lower(): v for k, v in roles_own.items()}
    transitive = {PRINCIPAL_TAG + key.lower() for key in stack.app.transitive_tags}

    def stays(key: str) -> bool:
        return key in transitive or not key.startswith((PRINCIPAL_TAG, "aws:federatedprovider"))

    unknown = {key for key in context.unknown if stays(key)}
    known: dict[str, ContextValue] = {k: v for k, v in tags.items() if k not in unknown}
    known |= {key: value for key, value in context.known.items() if stays(key)}
    absent = ["aws:federatedprovider", *([] if own_tags else [PRINCIPAL_TAG])]
    if stack.app.source_identity or not own_identity:
        absent.append("aws:sourceidentity")
    return KnownContext(known, frozenset(unknown), tuple(absent), context.assumed)


def called_region(account: Account, action: str | None) -> str:
    """The account's region, or that of the one endpoint of a service which is global."""
    is_global = _service(action) in GLOBAL_SERVICES
    return account.partition.home_region if is_global else account.region


def _service(action: str | None) -> str:
    return (action or "").partition(":")[0].lower()


def tags(stack: Settings, login: str | None) -> dict[str, str | None]:
    """Session tag -> its value; None where only Okta knows it."""
    return {key: value_of(stack, login, values) for key, values in stack.app.session_tags.items()}


def clock_keys(stack: Settings) -> dict[str, ContextValue]:
    """Noon of the stack's day: every window of whole days is either open then or closed."""
    noon = datetime.combine(stack.today, time(12), UTC)
    return {
        "aws:currenttime": noon.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:epochtime": str(int(noon.timestamp())),
    }


def sign_in_url(stack: Settings) -> str:
    """Where Okta posts the assertion: what a trust policy sees as SAML:aud."""
    region = stack.app.sign_in_region
    partition = stack.partition
    return partition.regional_sign_in_url(region) if region else partition.sign_in_url
