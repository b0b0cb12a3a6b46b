"""What the model says of everybody in a random estate, held against what happens to them."""

import json
import os
import random
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cache, cached_property
from typing import Any
from urllib.parse import urlencode

import boto3
import httpx
from botocore.config import Config
from lxml import etree

import settings
from access.matrix import Row, matrix
from access.model import AccessModel
from access.role_chains import RoleGrant
from access.uncertainty import DecisionRange
from sandbox.aws.server import LocalAws
from sandbox.clouds import Clouds
from sandbox.demo.administrator import enable_provisioning
from sandbox.okta import passwords
from sandbox.okta.behavior import Switches
from sandbox.okta.server import LocalOkta
from sandbox.person import role_pairs, saml_response
from settings import AccountRole
from tests.integration.oracle import estates
from tests.integration.oracle.calls import CALLS, Call, Caller
from tests.integration.oracle.direct import Deployer
from tests.integration.oracle.held import Claims, Held, claims, question, role_held
from tests.second_evaluator import Asked, explanation, ours, theirs

SWITCHES = Switches(rate_limit_scale=1e6, strict_roles=False)
HERE = {"aws:SourceIp": "127.0.0.1", "aws:SecureTransport": "false"}
"""What the model can't know of these calls: they come from this machine, without TLS."""
SAML_PROVIDERS = 100
"""AWS's quota for an account, and so the number of estates that one pair of clouds takes."""
SHARE = int(os.environ.get("ORACLE_SHARE", "6"))
"""Which part of the estates is tried: a sixth; all of them by `make oracle`, for they take long."""
CALLS_EACH = 9
"""Calls of each person in each role, chosen at random."""
CALLS_OF_A_CHAIN, LONGEST_CHAIN = 3, 3
"""Calls in each role at the end of a role chain; roles in a chain before its last."""
HOPS_NOT_TRIED = 0.6
"""Which part of the hops that the model excludes is taken on trust: most roles let nobody hop."""
ASSERTED = {"aws:SourceIp": "127.0.0.1", "SAML:sub_type": "unspecified"}
PLAIN = sorted({call.action for call in CALLS if call.all_resources == ("*",) and not call.context})
"""The actions that the matrix can answer: they are on no resource."""
Rows = Mapping[str, tuple[Row, ...]]


class Bench:
    """Both clouds, and everything that is asked of them."""

    def __init__(self, seed: int, partition: str) -> None:
        self.seed, self.partition = seed, partition
        self.rng = random.Random(seed)
        self.counted: Counter[str] = Counter()
        self.documents: dict[str, Any] = {}
        self._open = ExitStack()

    def __enter__(self) -> "Bench":
        accounts = (estates.ONE, estates.TWO)
        self.aws = self._open.enter_context(LocalAws(accounts, partition=self.partition))
        self.okta = self._open.enter_context(LocalOkta(self.aws.url, switches=SWITCHES))
        self.line = self._open.enter_context(httpx.Client(trust_env=False, timeout=60))
        self.deployer = Deployer(self.aws, self.okta)
        self._make_policies_of_the_account()
        for login, department in estates.DEPARTMENTS.items():
            self.ask_okta("POST", f"users/{login}", {"profile": {"department": department}})
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def hold(self, values: dict[str, Any]) -> None:
        """Deploy the estate and hold everybody in it against the model."""
        estate = AccessModel(settings.parse(values))
        for name, group in estate.stack.groups.items():
            if group.existing:
                self.ask_okta("POST", "groups", {"profile": {"name": name}})
        self.deployer.deploy(values)
        [app] = [each for each in self.okta.org.saml_apps if each.label == estate.stack.app.label]
        app.union_roles = estate.stack.app.combine_roles
        if not estate.stack.uses_group_mapping:
            self._do_the_provisioning_tab(app.id, estate.stack.provisioning.user)
        rows = matrix(estate, PLAIN)
        for login in estate.people:
            link = f"{self.okta.url}/home/amazon_aws/{app.id}/272"
            response = saml_response(link, login, self._password(login))
            self._hold_person(estate, login, response, rows)
        self.counted["estates"] += 1
        self._forget_groups()

    def _hold_person(self, estate: AccessModel, login: str, response: str, rows: Rows) -> None:
        offered = dict(role_pairs(response))
        expected = {
            role_arn(estate, entry.account_role): entry.account_role
            for entry in estate.offered_roles[login]
        }
        assert set(offered) == set(expected), self.told(estate, login, "offered roles")
        entered = {entry.account_role for entry in estate.direct_roles[login]}
        for arn, place in expected.items():
            keys = self.assume(response, arn, offered[arn])
            admission = estate.assume_role_decision(login, place, ASSERTED)
            assert admission.allowed <= bool(keys) <= admission.possible, self.told(
                estate, login, f"entering {place}: {admission.lower.reason}"
            )
            self.counted["entered" if keys else "kept out"] += 1
            if keys:
                assert place in entered
                row = next(each for each in rows[login] if each.grant.account_role == place)
                self._hold_session(estate, login, row, keys, claims(response))
                self._hold_chains(estate, login, RoleGrant(place, ""), keys, claims(response))
            elif not admission.possible and not estate.stack.roles[place.role].trust.source_ips:
                assert place not in entered
        self._hold_strangers(estate, login, response, expected)

    def _hold_chains(
        self, estate: AccessModel, login: str, grant: RoleGrant, keys: dict[str, str], said: Claims
    ) -> None:
        """Each role of the estate is tried from each that was entered, hop by hop."""
        session = {**HERE, "sts:RoleSessionName": said.name}
        for target in estate.stack.account_roles.values():
            if target in grant.path:
                continue
            hop = estate.chains.hop(login, grant, target, session)
            if not hop.possible and self.rng.random() < HOPS_NOT_TRIED:
                continue
            got = self.assume_role(keys, role_arn(estate, target), said.name)
            told = self.told(estate, login, f"{grant.path} -> {target}, {bool(got)}")
            assert hop.allowed <= bool(got) <= hop.possible, f"{told}: {hop}"
            self.counted["hops" if got else "no hops"] += 1
            if not got:
                continue
            chained = RoleGrant(target, grant.group, grant.path)
            reached = {each.account_role for each in estate.assumable_roles[login]}
            assert target in reached, f"{told}: not in the closure"
            inside = Claims(said.name, {}, said.source_identity)
            self._hold_chained_calls(estate, login, chained, got, inside)
            if len(grant.path) < LONGEST_CHAIN:
                self._hold_chains(estate, login, chained, got, inside)

    def _hold_chained_calls(
        self, estate: AccessModel, login: str, grant: RoleGrant, keys: dict[str, str], said: Claims
    ) -> None:
        place = grant.account_role
        account = estate.stack.accounts[place.account]
        caller = Caller(self.aws.url, keys, account.region, self.line)
        held = self.held(account.id, place.role)
        where = (self.partition, account.id, account.region)
        for call in self.rng.sample(CALLS, CALLS_OF_A_CHAIN):
            resources = call.resources(*where)
            real = caller.allowed(call)
            told = self.told(estate, login, f"{call.action} on {resources} in {grant}, {real}")
            known = self.known(account.region, call)
            self._hold_bounds(
                estate,
                place,
                [estate.in_role(login, grant, call.action, each, known) for each in resources],
                real,
                told,
            )
            if call.action != "sts:GetCallerIdentity":
                self._judge(
                    [question(held, said, call, each, where) for each in resources], real, told
                )
            self.counted["allowed in chains" if real else "denied in chains"] += 1

    def known(self, region: str, call: Call) -> dict[str, Any]:
        """What the model can't know of a call, or assumes: IAM's go to the first region."""
        to = estates.REGIONS[self.partition][0] if call.service == "iam" else region
        return {**HERE, "aws:RequestedRegion": to, **call.context}

    def _hold_bounds(
        self,
        estate: AccessModel,
        place: AccountRole,
        spans: list[DecisionRange],
        real: bool,
        told: str,
    ) -> bool:
        """Whether the model was sure; a policy that it does not know may allow, or deny."""
        unknown = bool(estate.policies[place].unknown)
        least = all(each.allowed for each in spans) and not unknown
        most = all(
            each.possible or (unknown and each.upper.effect != "explicitDeny") for each in spans
        )
        assert least <= real <= most, f"{told}: {[span.upper.reason for span in spans]}"
        return least == most

    def _hold_strangers(
        self, estate: AccessModel, login: str, response: str, offered: dict[str, AccountRole]
    ) -> None:
        """A role that Okta does not offer is not entered, whatever its trust says."""
        for place in estate.stack.account_roles.values():
            arn = role_arn(estate, place)
            if arn not in offered:
                account = estate.stack.accounts[place.account]
                provider = account.saml_provider_arn(estate.stack.app.provider)
                assert self.assume(response, arn, provider) is None
                self.counted["not offered"] += 1

    def _hold_session(
        self, estate: AccessModel, login: str, row: Row, keys: dict[str, str], said: Claims
    ) -> None:
        place = row.grant.account_role
        account = estate.stack.accounts[place.account]
        caller = Caller(self.aws.url, keys, account.region, self.line)
        held = self.held(account.id, place.role)
        for call in self.rng.sample(CALLS, CALLS_EACH):
            resources = call.resources(self.partition, account.id, account.region)
            real = caller.allowed(call)
            told = self.told(estate, login, f"{call.action} on {resources} as {place}, {real}")
            self._hold_call(estate, login, place, call, resources, real, said, told)
            self._hold_row(estate, row, call, real, told)
            if call.action != "sts:GetCallerIdentity":  # which no policy decides
                where = (self.partition, account.id, account.region)
                asked = [question(held, said, call, each, where) for each in resources]
                self._judge(asked, real, told)
            self.counted["allowed" if real else "denied"] += 1

    def _hold_call(
        self,
        estate: AccessModel,
        login: str,
        place: AccountRole,
        call: Call,
        resources: tuple[str, ...],
        real: bool,
        said: Claims,
        told: str,
    ) -> None:
        """Where the model is not sure, what Okta said of the person must make it so."""
        tags = {f"aws:PrincipalTag/{key}": value for key, value in said.tags.items()}
        known = self.known(estate.stack.accounts[place.account].region, call)
        for context in (known, {**known, **tags}):
            spans = [
                estate.decision_range(login, place, call.action, each, context)
                for each in resources
            ]
            sure = self._hold_bounds(estate, place, spans, real, told)
        unknown = estate.policies[place].unknown
        self.counted["of unknown policies" if unknown else "sure" if sure else "open"] += 1

    def _hold_row(self, estate: AccessModel, row: Row, call: Call, real: bool, told: str) -> None:
        """The matrix answers for all resources, and takes people to come over TLS."""
        over_tls = "aws:securetransport" in estate.policies[row.grant.account_role].keys
        if call.action not in PLAIN or over_tls:
            return
        allowed = row.allowed[PLAIN.index(call.action)]
        assert allowed in (real, None), f"{told}: the matrix says {allowed}"
        self.counted["in the matrix"] += allowed is not None

    def _judge(self, asked: list[Asked], real: bool, told: str) -> None:
        """The second evaluator's opinion of the policies as AWS reads them out."""
        self.counted["judged"] += 1
        if all(theirs(each) == "allow" for each in asked) == real:
            return
        reasons = [explanation(each) for each in asked if ours(each) != theirs(each)]
        assert reasons, f"{told}: both evaluators say otherwise of what AWS holds"
        assert all(reasons), f"{told}: the second evaluator says otherwise"
        self.counted["explained"] += 1

    def _do_the_provisioning_tab(self, app_id: str, user: str) -> None:
        """Okta downloads the roles with the key of the stack, and so knows their paths."""
        [key] = self.aws.cloud.iam(estates.ONE).users[user].access_keys
        enable_provisioning(self.clouds, app_id, key.access_key_id, key.secret_access_key)

    def _password(self, login: str) -> str:
        """Somebody new chooses one, by the link in Okta's mail."""
        for known, person in self.okta.people.items():
            if known.lower() == login.lower():
                return person.password
        user = self.okta.org.user(login)
        if user.status != "ACTIVE":
            user.password, user.status = passwords.protect(f"chosen by {login}"), "ACTIVE"
        return f"chosen by {login}"

    @cached_property
    def clouds(self) -> Clouds:
        """As the administrator's helpers take them."""
        admin = {"login": self.okta.admin.login, "password": self.okta.admin.password}
        return Clouds(
            aws_url=self.aws.url,
            accounts={},
            okta_url=self.okta.url,
            okta_token=self.okta.token,
            admin=admin,
            people={},
        )

    def ask_okta(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"SSWS {self.okta.token}"}
        url = f"{self.okta.url}/api/v1/{path}"
        answer = self.line.request(method, url, headers=headers, json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

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

    def assume_role(self, keys: dict[str, str], role: str, name: str) -> dict[str, str] | None:
        """The next session's keys in a role chain, or None for a refusal."""
        form = urlencode(
            {
                "Action": "AssumeRole",
                "Version": "2011-06-15",
                "RoleArn": role,
                "RoleSessionName": name,
            }
        )
        region = estates.REGIONS[self.partition][0]
        caller = Caller(self.aws.url, keys, region, self.line)
        answer = caller.ask(Call("sts:AssumeRole", role, form=form))
        document = etree.fromstring(answer.content)
        if answer.is_success:
            found = document.find(".//{*}Credentials")
            return {etree.QName(each).localname: each.text for each in found}
        assert document.find(".//{*}Code").text == "AccessDenied", answer.text
        return None

    def _make_policies_of_the_account(self) -> None:
        """What an account has beside the stack: one policy has the name of one of AWS's own."""
        statements = {
            "ReadOnlyAccess": {"Effect": "Allow", "Action": "iam:*", "Resource": "*"},
            "E0-Wide": {"Effect": "Allow", "Action": "*", "Resource": "*"},
            "E0-Denies": {"Effect": "Deny", "Action": "s3:*", "Resource": "*"},
        }
        for name in estates.OF_THE_ACCOUNT:
            document = {"Version": "2012-10-17", "Statement": [statements[name]]}
            self.iam(estates.ONE).create_policy(
                PolicyName=name, PolicyDocument=json.dumps(document)
            )

    @cache  # noqa: B019 - as long as the bench; no two roles have one name
    def held(self, account: str, role: str) -> Held:
        return role_held(self.iam(account), role, self.documents)

    @cache  # noqa: B019 - as long as the bench
    def iam(self, account: str) -> Any:
        key = self.aws.administrators[account]
        return boto3.client(
            "iam",
            endpoint_url=self.aws.url,
            region_name=estates.REGIONS[self.partition][0],
            aws_access_key_id=key.access_key_id,
            aws_secret_access_key=key.secret_access_key,
            config=Config(proxies={}, retries={"max_attempts": 1}),
        )

    def _forget_groups(self) -> None:
        """Groups stay with people, and in mode group-mapping their names open roles."""
        for group in self.ask_okta("GET", "groups?limit=200"):
            if group["type"] == "OKTA_GROUP":
                self.ask_okta("DELETE", f"groups/{group['id']}")

    def told(self, estate: AccessModel, login: str, what: str) -> str:
        said = estate.stack.model_dump(mode="json", by_alias=True, exclude_unset=True)
        return f"seed {self.seed}: {login}: {what}\n{json.dumps(said)}"


def judged(seed: int, number: int, partition: str = "aws", first: int = 1) -> Counter[str]:
    """Hold so many estates, from the first on and around; answers with what was seen.

    Raises AssertionError at a difference.
    """
    maker, seen = estates.Maker(seed, partition), Counter[str]()
    made = [maker.values() for _ in range(number)]
    made = made[first - 1 :] + made[: first - 1]
    for start in range(0, number, SAML_PROVIDERS):
        with Bench(seed, partition) as bench:
            for values in made[start : start + SAML_PROVIDERS]:
                bench.hold(values)
        seen += bench.counted
    return seen


def role_arn(estate: AccessModel, place: AccountRole) -> str:
    account = estate.stack.accounts[place.account]
    return account.partition.role_arn(account.id, place.role, estate.stack.roles[place.role].path)
