"""Both clouds of a recovery: what the program wants and the state lacks, looked up in them."""

import os
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property

from access.live_policies import session_in
from access.recovery import identifiers
from access.recovery.apps import APP_TYPES, COMMAND_LINE, AppChoice, apps_of_label, choose_app
from access.recovery.identifiers import ACCESS_KEY, ATTACHMENTS, POLICY, AwsClient
from access.recovery.plan import Plan, Planned
from access.verification import access_keys
from access.verification.access_keys import AccessKey
from access.verification.okta_org import Org
from settings import Settings, SettingsError


class Clouds:
    """The clients of one recovery, each made when it is needed."""

    def __init__(self, stack: Settings) -> None:
        self._accounts = {account.id: account for account in stack.accounts.values()}
        self._okta = stack.okta
        self._clients: dict[str, AwsClient] = {}
        self.provider_arns = {
            account.saml_provider_arn(stack.app.provider) for account in stack.accounts.values()
        }

    @cached_property
    def org(self) -> Org:
        """Raises SettingsError if the variables lead to another org than the stack file's."""
        if other_org := self._okta.other_org(os.environ):
            raise SettingsError.of([other_org])
        return Org()

    def account(self, account_id: str) -> AwsClient:
        if account_id not in self._clients:
            account = self._accounts[account_id]
            self._clients[account_id] = AwsClient(account, session_in(account))
        return self._clients[account_id]

    def choices(self, plan: Plan, ids_in_state: Collection[str]) -> dict[str, AppChoice]:
        """URN of each app of the program -> the apps of its label."""
        return {each.urn: self._choose(each, ids_in_state) for each in plan.of_type(*APP_TYPES)}

    def _choose(self, planned: Planned, ids_in_state: Collection[str]) -> AppChoice:
        kind = APP_TYPES[planned.type]
        apps = apps_of_label(self.org, kind, planned.text("label"))
        # A native app names no SAML provider before the AWS app lets it in.
        without_provider = {""} if kind == COMMAND_LINE else set()
        return choose_app(apps, ids_in_state, self.provider_arns | without_provider)

    def import_ids(
        self, plan: Plan, choices: Mapping[str, AppChoice], known: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """URN -> import id of what the state lacks and a cloud holds, besides those of `known`."""
        ids = dict(known or {})
        for planned in plan.created:  # in the order of the program: parts after what they refer to
            if planned.urn in ids:
                continue
            identifier = self._look_up(planned.with_ids(ids), plan, choices)
            if identifier is not None:
                ids[planned.urn] = identifier
        return ids

    def _look_up(
        self, planned: Planned, plan: Plan, choices: Mapping[str, AppChoice]
    ) -> str | None:
        if planned.urn in choices:
            ours = choices[planned.urn].ours
            return ours.id if ours else None
        if planned.type in identifiers.OKTA:
            return identifiers.OKTA[planned.type](self.org, planned)
        account = plan.account_of(planned)
        if planned.type in identifiers.AWS and account is not None:
            return identifiers.AWS[planned.type](self.account(account), planned)
        return None

    def adopted(self, plan: Plan) -> dict[str, str]:
        """URN -> import id of what only an adoption takes over; see `identifiers.adopted`."""
        planned: dict[str, list[Planned]] = {}
        for each in plan.of_type(ACCESS_KEY, POLICY, *ATTACHMENTS):
            if account := plan.account_of(each):
                planned.setdefault(account, []).append(each)
        return {
            urn: identifier
            for account, resources in planned.items()
            for urn, identifier in identifiers.adopted(self.account(account), resources)
        }

    def foreign_keys(
        self, plan: Plan, ids_in_state: Collection[str]
    ) -> Iterator[tuple[str, AccessKey]]:
        """Account and key that the state does not hold, of each user whom the program gives keys:
        a killed update leaves one behind, and the next update makes another."""
        users = {(plan.account_of(each), each.text("user")) for each in plan.of_type(ACCESS_KEY)}
        for account, user in sorted((account, user) for account, user in users if account and user):
            for key in access_keys.read(self.account(account).iam, user):
                if key.id not in ids_in_state:
                    yield account, key
