"""Both clouds read, and held against the stack file."""

from dataclasses import dataclass

import boto3

from access.answers import named
from access.estate import Estate
from access.live_policies import session_in
from access.verification import aws, of_aws, of_okta, okta
from access.verification.deviation import Deviation
from settings import AccountRole, Settings


@dataclass(frozen=True)
class Verification:
    deviations: list[Deviation]
    decisions: int
    """How many decisions AWS's simulator was asked for."""


def read_okta(stack: Settings) -> okta.OrgState:
    """The org as far as the stack file speaks of it. Raises SettingsError."""
    return okta.read(
        okta.Org(),
        stack.app.label,
        list(of_okta.expected_groups(stack)),
        policy=stack.app.sign_on_policy is not None,
    )


def read_aws(stack: Settings, name: str, session: boto3.Session) -> aws.AccountState:
    """An account, by its short name, as far as the file speaks of it. Raises SettingsError."""
    return aws.read(
        session,
        stack.accounts[name].saml_provider_arn(stack.app.provider),
        [place.role for place in stack.roles_in_account(name)],
        None if stack.uses_group_mapping else stack.provisioning.user,
    )


def run(estate: Estate) -> Verification:
    """Raises SettingsError if a cloud can't be read."""
    stack = estate.stack
    state = read_okta(stack)
    found = list(of_okta.deviations(estate, state))
    served = state.app.metadata if state.app else None
    decisions = 0
    for name, account in sorted(stack.accounts.items()):
        session = session_in(account)
        there = read_aws(stack, name, session)
        found += of_aws.deviations(estate, name, there, served or None)
        for place in stack.roles_in_account(name):
            if place.role in there.roles:
                number, differing = simulated(estate, session, place, there.roles[place.role].arn)
                decisions += number
                found += differing
    return Verification(sorted(found), decisions)


def simulated(
    estate: Estate, session: boto3.Session, place: AccountRole, role_arn: str
) -> tuple[int, list[Deviation]]:
    """What the model says of the expected actions, held against AWS's simulator."""
    wanted = of_aws.questions(estate, place)
    if not wanted:
        return 0, []
    context = of_aws.context(estate, place)
    decided = dict(aws.simulated(session, role_arn, sorted(wanted), context))
    words = {True: "allowed", False: "denied"}
    differing = [
        Deviation(
            "AWS", f"role {named(estate, place)}", action, words[allowed], words[decided[action]]
        )
        for action, allowed in wanted.items()
        if decided[action] != allowed
    ]
    return len(wanted), differing
