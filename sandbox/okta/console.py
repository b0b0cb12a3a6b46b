"""The AWS side of the browser's way in: the sign-in page that takes the SAML response, the choice
of a role, and a console that says who you are and tries what you may do.

Every answer shown is AWS's own, given to the session's real credentials. Unlike AWS, which
verifies first, the choice is shown before the response is verified; entering a role verifies it.
"""

import base64
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sandbox.aws import safe_xml
from sandbox.okta import aws, catalogue, forms, identifiers
from sandbox.okta.federation import ATTRIBUTES
from sandbox.okta.org import Org
from sandbox.okta.rendering import PageRefused, page
from sandbox.okta.roles import RolePair
from sandbox.okta.routing import Routes
from sandbox.okta.saml import ASSERTION

COOKIE = "aws"
TITLE = "Amazon Web Services Sign-In"
LARGEST = 100_000
"""Characters of base64 that STS takes."""
_SIGN_IN_PAGES = [url.removeprefix("https://") for url in catalogue.SIGN_IN_URLS.values()]
"""Each has a copy in every region, which the app's `overrideAcsURL` names."""

ROUTES = Routes()


@dataclass(frozen=True)
class Offer:
    """What a response says before anybody has verified it."""

    roles: list[RolePair]
    seconds: int | None


@ROUTES.on("POST", *(f"/{name}" for name in _SIGN_IN_PAGES))
@ROUTES.on("POST", *(f"/{{region}}.{name}" for name in _SIGN_IN_PAGES))
async def sign_in(request: Request, org: Org, form: FormData) -> Response:
    """Take the form that Okta's page posts: a single role is entered, of several one is chosen."""
    response = forms.field(form, "SAMLResponse")
    offer = read_offer(response)
    chosen = forms.field(form, "roleIndex")
    if len(offer.roles) > 1 and not chosen:
        return page(
            request,
            "choose_role.html",
            accounts=_by_account(offer.roles),
            saml_response=response,
            action=request.url.path,
        )
    pair = _chosen(offer, chosen)
    entered = await _enter(org, pair, response, offer.seconds)
    session_id = identifiers.new("", 40)
    request.app.state.console_sessions[session_id] = entered
    answer = RedirectResponse("/console/home", 303)
    answer.set_cookie(COOKIE, session_id, httponly=True, samesite="strict")
    return answer


@ROUTES.on("GET", "/console/home")
async def console(request: Request, org: Org) -> Response:
    """Who you are, and what EC2 and S3 answer you."""
    entered = entered_role(request)
    region = aws.region_of(entered.arn)
    try:
        arn = await run_in_threadpool(aws.caller_arn, org.aws_url, entered.credentials, region)
    except aws.AwsRefused as refused:
        raise PageRefused(403, "Your session has ended", str(refused)) from None
    instances, instances_refused = await _tried(org, aws.instances, entered)
    buckets, buckets_refused = await _tried(org, aws.buckets, entered)
    return page(
        request,
        "console.html",
        arn=arn,
        who=arn.partition("assumed-role/")[2],
        account=arn.split(":")[4],
        expires=entered.expires,
        region=region,
        instances=instances,
        instances_refused=instances_refused,
        buckets=buckets,
        buckets_refused=buckets_refused,
        console_token=forms.token(org, request.cookies[COOKIE]),
    )


@ROUTES.on("POST", "/console/signout")
def sign_out(request: Request, org: Org, form: FormData) -> Response:
    forms.check(org, request, form, COOKIE)
    request.app.state.console_sessions.pop(request.cookies[COOKIE], None)
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(COOKIE)
    return answer


def entered_role(request: Request) -> aws.AssumedRole:
    """The role that this browser is in. Raises PageRefused when it is in none."""
    assumed = request.app.state.console_sessions.get(request.cookies.get(COOKIE, ""))
    if not isinstance(assumed, aws.AssumedRole):
        message = "Open the app in Okta to enter AWS."
        raise PageRefused(403, "You are not signed in to AWS", message)
    return assumed


def read_offer(response: str) -> Offer:
    """The roles and the duration that the response names. Raises PageRefused if it is none."""
    refused = PageRefused(400, TITLE, "Your request included an invalid SAML response.")
    if len(response) > LARGEST:
        raise refused
    try:
        root = safe_xml.parse(base64.b64decode(response, validate=True))
    except ValueError:
        raise refused from None
    roles = [_pair(value) for value in _values(root, "Role")]
    if not roles or None in roles:
        raise refused
    duration = next(iter(_values(root, "SessionDuration")), "")
    seconds = int(duration) if duration.isdecimal() else None
    return Offer([pair for pair in roles if pair], seconds)


def _chosen(offer: Offer, role_arn: str) -> RolePair:
    """The role chosen, or the only one. Raises PageRefused for one that is not offered."""
    for pair in offer.roles:
        if role_arn in ("", pair.role_arn):
            return pair
    raise PageRefused(400, TITLE, "The role that was chosen is not in the SAML response.")


async def _enter(org: Org, pair: RolePair, response: str, seconds: int | None) -> aws.AssumedRole:
    try:
        return await run_in_threadpool(
            lambda: aws.assume_role(
                org.aws_url,
                role_arn=pair.role_arn,
                provider_arn=pair.provider_arn,
                response=response,
                seconds=seconds,
            )
        )
    except aws.AwsRefused as refused:
        raise PageRefused(403, TITLE, f"{refused.message} ({refused.code})") from None


async def _tried(org: Org, call: Any, entered: aws.AssumedRole) -> tuple[list[Any], str]:
    try:
        region = aws.region_of(entered.arn)
        return await run_in_threadpool(call, org.aws_url, entered.credentials, region), ""
    except aws.AwsRefused as refused:
        return [], str(refused)


def _values(root: Any, name: str) -> list[str]:
    return [
        "".join(value.itertext()).strip()
        for attribute in root.iter(f"{{{ASSERTION}}}Attribute")
        if attribute.get("Name") == ATTRIBUTES + name
        for value in attribute.iter(f"{{{ASSERTION}}}AttributeValue")
    ]


def _pair(value: str) -> RolePair | None:
    """Provider and role, whichever stands first."""
    provider, comma, role = (part.strip() for part in value.partition(","))
    if not comma:
        return None
    return RolePair(role, provider) if ":role/" in provider else RolePair(provider, role)


def _by_account(roles: list[RolePair]) -> dict[str, list[RolePair]]:
    accounts: dict[str, list[RolePair]] = {}
    for pair in sorted(roles):
        account = (pair.role_arn.split(":") + [""] * 5)[4]
        accounts.setdefault(account, []).append(pair)
    return accounts
