"""Both clouds read, and held against the stack file."""

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass

import boto3

from access import progress
from access.answers import role_label
from access.live_policies import session_in
from access.model import AccessModel
from access.verification import aws_state, certificates, compare_aws, compare_okta, okta_state
from access.verification.drift import Drift
from access.verification.okta_org import Org
from settings import AccountRole, Part, Settings, SettingsError


@dataclass(frozen=True)
class Verification:
    deviations: list[Drift]
    decisions: int
    """How many decisions AWS's simulator was asked for."""


def read_okta(stack: Settings, evidence: okta_state.Evidence) -> okta_state.OrgState:
    """The org as far as the stack file speaks of it. Raises SettingsError."""
    progress.report("reading Okta: app, assignments, groups, people")
    if other_org := stack.okta.other_org(os.environ):
        raise SettingsError.of([other_org])
    return okta_state.read(
        Org(),
        stack.app.label,
        list(compare_okta.expected_groups(stack)),
        policy=stack.app.sign_on_policy is not None,
        evidence=evidence,
    )


def read_aws(stack: Settings, name: str, session: boto3.Session) -> aws_state.AccountState:
    """An account, by its short name, as far as the file speaks of it. Raises SettingsError."""
    progress.report(f"reading AWS account {name}")
    return aws_state.read(
        session,
        stack.accounts[name].saml_provider_arn(stack.app.provider),
        [account_role.role for account_role in stack.roles_in_account(name)],
        None if stack.uses_group_mapping else stack.provisioning.user,
    )


def run(
    model: AccessModel, part: Part, ids_in_state: Callable[[], Collection[str]] = tuple
) -> Verification:
    """Compare the clouds of a part with the stack file, whose model is `model`.

    `ids_in_state`: the ids that the state holds, called only where they tell two things apart.
    Raises SettingsError if a cloud can't be read.
    """
    stack = model.stack
    sessions = {name: session_in(stack.accounts[name]) for name in part.accounts}
    accounts = {name: read_aws(stack, name, session) for name, session in sessions.items()}
    trusted = [each.metadata for each in accounts.values() if each.metadata is not None]
    issuers = [certificates.issuer(metadata) for metadata in trusted]
    arns = [each.saml_provider_arn(stack.app.provider) for each in stack.accounts.values()]
    result: list[Drift] = []
    served: str | None = None
    provisions, signers = False, frozenset[str]()
    if part.has_okta:
        org = read_okta(stack, okta_state.Evidence(ids_in_state, issuers, arns))
        result += compare_okta.deviations(model, org)
        if org.app is not None:
            provisions = okta_state.PROVISIONS in org.app.app.get("features", ())
            served = org.app.metadata or None
            signers = org.app.certificates
    decisions = 0
    for name, state in accounts.items():
        drifts = list(
            compare_aws.deviations(
                model, name, state, served, ids_in_state, provisions=provisions, signers=signers
            )
        )
        result += drifts
        for account_role in stack.roles_in_account(name):
            if account_role.role in state.roles:
                arn = state.roles[account_role.role].arn
                fix = compare_aws.fix_of_decision(model, account_role, drifts)
                number, differing = simulated(model, sessions[name], account_role, arn, fix)
                decisions += number
                result += differing
    return Verification(sorted(result), decisions)


def simulated(
    model: AccessModel, session: boto3.Session, account_role: AccountRole, role_arn: str, fix: str
) -> tuple[int, list[Drift]]:
    """What the model says of the expected actions, and AWS's simulator otherwise; `fix` for all."""
    expected = compare_aws.questions(model, account_role)
    if not expected:
        return 0, []
    label = role_label(model, account_role)
    progress.report(f"asking AWS's simulator about role {label}: {len(expected)} actions")
    context = compare_aws.context(model, account_role)
    decided = dict(aws_state.simulated(session, role_arn, sorted(expected), context))
    words = {True: "allowed", False: "denied"}
    differing = [
        Drift("AWS", f"role {label}", action, words[allowed], words[decided[action]], fix)
        for action, allowed in expected.items()
        if decided[action] != allowed
    ]
    return len(expected), differing
