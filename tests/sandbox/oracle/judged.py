"""What the model says of everybody in a random estate, held against what happens to them."""

import json
import random
import urllib.parse
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from lxml import etree

import settings
from access import person
from access.estate import Estate
from sandbox.aws.server import LocalAws
from sandbox.okta.server import LocalOkta
from sandbox.okta.switches import Switches
from sandbox.person import role_pairs, saml_response
from settings import Place
from tests.sandbox.oracle import estates
from tests.sandbox.oracle.calls import CALLS, Call, Caller
from tests.sandbox.oracle.direct import Deployer

other = pytest.importorskip(
    "ministack.core.iam_evaluator", reason="pip install --no-deps -r requirements-judge.txt"
)

SWITCHES = Switches(rate_limit_scale=1e6, strict_roles=False)
HERE = {"aws:SourceIp": "127.0.0.1", "aws:SecureTransport": "false"}
"""What the model can't know of these calls: they come from this machine, without TLS."""
SAML_PROVIDERS = 100
"""AWS's quota for an account, and so the number of estates that one pair of clouds takes."""
CALLS_EACH = 9
"""Calls of each person in each role, chosen at random."""
ASSERTED = {"aws:SourceIp": "127.0.0.1", "SAML:sub_type": "unspecified"}


class Bench:
    """Both clouds, and everything that is asked of them."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = random.Random(seed)
        self.counted: Counter[str] = Counter()
        self._open = ExitStack()

    def __enter__(self) -> "Bench":
        self.aws = self._open.enter_context(LocalAws((estates.ONE, estates.TWO)))
        self.okta = self._open.enter_context(LocalOkta(self.aws.url, switches=SWITCHES))
        self.line = self._open.enter_context(httpx.Client(trust_env=False))
        self.deployer = Deployer(self.aws, self.okta)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def hold(self, values: dict[str, Any]) -> None:
        """Deploy the estate and hold everybody in it against the model."""
        estate = Estate(settings.parse(values))
        self.deployer.deploy(values)
        [app] = [each for each in self.okta.org.saml_apps if each.label == estate.stack.app.label]
        app.union_roles = estate.stack.app.combine_roles
        for login in estate.people:
            link = f"{self.okta.url}/home/amazon_aws/{app.id}/272"
            response = saml_response(link, login, self.okta.people[login].password)
            self._hold_person(estate, login, response)
        self.counted["estates"] += 1
        self._forget_groups()

    def _hold_person(self, estate: Estate, login: str, response: str) -> None:
        offered = dict(role_pairs(response))
        expected = {role_arn(estate, entry.place): entry.place for entry in estate.offers[login]}
        assert set(offered) == set(expected), self.told(estate, login, "offered roles")
        entered = {entry.place for entry in estate.entries[login]}
        for arn, place in expected.items():
            keys = self.assume(response, arn, offered[arn])
            admission = estate.admission(login, place, ASSERTED)
            assert admission.allowed == admission.possible == bool(keys), self.told(
                estate, login, f"entering {place}: {admission.least.reason}"
            )
            self.counted["entered" if keys else "kept out"] += 1
            if keys:
                assert place in entered
                self._hold_session(estate, login, place, keys)
        self._hold_strangers(estate, login, response, expected)

    def _hold_strangers(
        self, estate: Estate, login: str, response: str, offered: dict[str, Place]
    ) -> None:
        """A role that Okta does not offer is not entered, whatever its trust says."""
        for place in estate.stack.places.values():
            arn = role_arn(estate, place)
            if arn not in offered:
                account = estate.stack.accounts[place.account]
                provider = account.saml_provider_arn(estate.stack.app.provider)
                assert self.assume(response, arn, provider) is None
                self.counted["not offered"] += 1

    def _hold_session(self, estate: Estate, login: str, place: Place, keys: dict[str, str]) -> None:
        account = estate.stack.accounts[place.account]
        caller = Caller(self.aws.url, keys, account.region, self.line)
        held = self.policies(account.id, place.role)
        for call in self.rng.sample(CALLS, CALLS_EACH):
            resource = call.resource.format(account=account.id, region=account.region)
            span = estate.span(login, place, call.action, resource, HERE)
            real = caller.allowed(call)
            assert span.allowed == span.possible == real, self.told(
                estate, login, f"{call.action} on {resource} as {place}: {span.least.reason}"
            )
            self.counted["allowed" if real else "denied"] += 1
            self._judge(estate, login, place, call, resource, real, held)

    def _judge(
        self,
        estate: Estate,
        login: str,
        place: Place,
        call: Call,
        resource: str,
        real: bool,
        held: tuple[list[Any], Any],
    ) -> None:
        """The independent evaluator's opinion, where it reads the policies as AWS does."""
        identity, boundary = held
        if "${" in json.dumps(identity):
            return  # it does not replace variables in resources: a case of test_evaluator_cases.py
        account = estate.stack.accounts[place.account]
        known = person.session(estate.stack, login, place).given(HERE).known
        context = other.EvalContext(
            principal_arn=role_arn(estate, place),
            principal_type="AssumedRole",
            principal_account=account.id,
            action=call.action,
            resource_arn=resource,
            region=account.region,
            source_ip="127.0.0.1",
            secure_transport=False,
            service_context=dict(known),
        )
        parse = other.parse_policy_document
        limits = [[parse(boundary)]] if boundary else []
        decided = other.evaluate(context, [parse(each) for each in identity], *limits)
        assert (decided.decision == "Allow") == real, self.told(
            estate, login, f"{call.action} on {resource} as {place}: ministack {decided.decision}"
        )
        self.counted["judged"] += 1

    def assume(self, response: str, role: str, provider: str) -> dict[str, str] | None:
        """The session's keys, or None for a refusal."""
        form = {
            "Action": "AssumeRoleWithSAML",
            "Version": "2011-06-15",
            "RoleArn": role,
            "PrincipalArn": provider,
            "SAMLAssertion": response,
        }
        answer = self.line.post(self.aws.url, data=form)
        document = etree.fromstring(answer.content)
        if answer.is_success:
            found = document.find(".//{*}Credentials")
            return {etree.QName(each).localname: each.text for each in found}
        assert document.find(".//{*}Code").text == "AccessDenied", answer.text
        return None

    @cache  # noqa: B019 - as long as the bench; no two roles have one name
    def policies(self, account: str, role: str) -> tuple[list[Any], Any]:
        """The role's policies and its boundary, as AWS holds them."""
        iam = self.iam(account)
        inline = [
            iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
        ]
        attached = [
            self.document(account, each["PolicyArn"])
            for each in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
        ]
        limit = iam.get_role(RoleName=role)["Role"].get("PermissionsBoundary")
        boundary = self.document(account, limit["PermissionsBoundaryArn"]) if limit else None
        return [*inline, *attached], boundary

    @cache  # noqa: B019 - as long as the bench
    def document(self, account: str, arn: str) -> Any:
        iam = self.iam(account)
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        found = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]
        return found["Document"]

    @cache  # noqa: B019 - as long as the bench
    def iam(self, account: str) -> Any:
        key = self.aws.administrators[account]
        return boto3.client(
            "iam",
            endpoint_url=self.aws.url,
            region_name="us-east-1",
            aws_access_key_id=key.access_key_id,
            aws_secret_access_key=key.secret_access_key,
            config=Config(proxies={}, retries={"max_attempts": 1}),
        )

    def _forget_groups(self) -> None:
        """Groups stay with people, and in mode group-mapping their names open roles."""
        headers = {"Authorization": f"SSWS {self.okta.token}"}
        for group in list(self._groups(headers)):
            path = f"/api/v1/groups/{urllib.parse.quote(group)}"
            self.line.delete(self.okta.url + path, headers=headers).raise_for_status()

    def _groups(self, headers: dict[str, str]) -> Iterator[str]:
        answer = self.line.get(f"{self.okta.url}/api/v1/groups?limit=200", headers=headers)
        for group in answer.json():
            if group["type"] == "OKTA_GROUP":
                yield group["id"]

    def told(self, estate: Estate, login: str, what: str) -> str:
        said = estate.stack.model_dump(mode="json", by_alias=True, exclude_unset=True)
        return f"seed {self.seed}: {login}: {what}\n{json.dumps(said)}"


def judged(seed: int, number: int) -> Counter[str]:
    """Hold so many estates; answers with what was seen. Raises AssertionError at a difference."""
    maker, seen = estates.Maker(seed), Counter[str]()
    while seen["estates"] < number:
        with Bench(seed) as bench:
            for _ in range(min(SAML_PROVIDERS, number - seen["estates"])):
                bench.hold(maker.values())
        seen += bench.counted
    return seen


def role_arn(estate: Estate, place: Place) -> str:
    account = estate.stack.accounts[place.account]
    return account.partition.role_arn(account.id, place.role, estate.stack.roles[place.role].path)
