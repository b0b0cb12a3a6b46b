"""A federation as both clouds have it: the app, its groups, the accounts that it opens.

Needs what `python -m access verify` needs, and `iam:GetAccessKeyLastUsed`, `iam:GetPolicy`,
`iam:GetUser`. Sources: Okta's API reference; IAM API Reference.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from access.adoption.users import Tags, UserFacts, candidates
from access.verification import aws_state, okta_state
from access.verification.okta_org import Org
from access.verification.other_roles import principals
from okta_aws_federation.group_names import parse_group_name
from okta_aws_federation.okta_app import group_rule_name
from okta_aws_federation.partitions import partition_named
from settings import Account, SettingsError

PROVIDER_ARN = re.compile(r"arn:(aws[\w-]*):iam::(\d{12}):saml-provider/([\w.-]+)")


@dataclass(frozen=True)
class GroupFacts:
    """An Okta group that the app knows: by an assignment, or by its name."""

    id: str
    type: str
    """OKTA_GROUP, APP_GROUP (a directory's) or BUILT_IN."""
    description: str
    people: tuple[str, ...]
    """Logins."""
    rule: str | None
    """Expression of the one rule that fills it, if a stack would call the rule the same."""
    other_rules: tuple[str, ...]
    """Names of rules that a stack can't have as its own."""
    other_apps: tuple[str, ...]
    """Labels of further apps that it is assigned to."""
    has_twin: bool
    """Whether the org has another group of its name."""


@dataclass(frozen=True)
class AccountFacts:
    """What an account has of the federation."""

    account: Account
    metadata: str
    provider_tags: Tags
    roles: Mapping[str, Mapping[str, Any]]
    """Name -> role that trusts the SAML provider, as IAM answers."""
    policies: Mapping[str, Mapping[str, Any]]
    """ARN -> customer managed policy of a role or the user, as IAM answers."""
    user: UserFacts | None
    other_users: tuple[str, ...]
    """Further users who could be the one whose key Okta uses."""


@dataclass(frozen=True)
class Federation:
    """One app of AWS Account Federation, with all that it leads to."""

    app: okta_state.AppState
    provider: str
    """Name of the SAML provider."""
    groups: Mapping[str, GroupFacts]
    accounts: Mapping[str, AccountFacts]
    """By short name."""
    unread_accounts: tuple[str, ...]
    """Ids of accounts that groups name, and that no credentials are at hand for."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """The app's `settings.app`."""
        result: Mapping[str, Any] = self.app.app["settings"]["app"]
        return result

    @property
    def uses_group_mapping(self) -> bool:
        return bool(self.settings.get("useGroupMapping"))


def read(org: Org, wanted: str | None, profiles: Sequence[str]) -> Federation:
    """The federation of one app: `wanted` is its label or id, needed where there are several.

    `profiles` of the shared AWS configuration lead to the accounts; none: the credentials at hand.
    Raises SettingsError.
    """
    app = choose_app(list(org.every("/api/v1/apps", filter=f'name eq "{okta_state.AWS}"')), wanted)
    settings = app["settings"]["app"]
    match = PROVIDER_ARN.fullmatch(settings.get("identityProviderArn") or "")
    if match is None:
        raise SettingsError(
            f"Okta app {app['label']!r}: identityProviderArn = "
            f"{settings.get('identityProviderArn')!r}: names no SAML provider, so nobody signs in "
            "with it; choose another app with --app"
        )
    _, home, provider = match.groups()
    mapping = bool(settings.get("useGroupMapping"))
    accounts = accounts_of(profiles)
    ids = {account.id: name for name, account in accounts.items()}
    if not mapping and home not in ids:
        raise SettingsError(
            f"Okta app {app['label']!r}: opens account {home}, and the credentials at hand are of "
            f"{', '.join(sorted(ids))}; name a profile of the account with --profile"
        )
    if not mapping:
        accounts = {"main": accounts[ids[home]]}
    every = list(org.every("/api/v1/groups"))
    state = okta_state.app_state(
        org, app, {each["id"]: each["profile"]["name"] for each in every}, policy=False
    )
    names = {each["profile"]["name"] for each in every}
    named = {
        name: read
        for name in names
        if mapping and (read := parse_group_name(settings["groupFilter"], name))
    }
    groups = {*state.assignments, *named} & names
    return Federation(
        app=state,
        provider=provider,
        groups=dict(_groups(org, app["id"], every, groups)),
        accounts={
            name: read_account(account, provider, with_user=not mapping)
            for name, account in accounts.items()
        },
        unread_accounts=tuple(sorted({account for account, _ in named.values()} - ids.keys())),
    )


def choose_app(apps: Sequence[Mapping[str, Any]], wanted: str | None) -> Mapping[str, Any]:
    """The app of that label or id, or the only one. Raises SettingsError with the candidates."""
    matches = [app for app in apps if wanted in (None, app["label"], app["id"])]
    if len(matches) == 1:
        return matches[0]
    candidates = "; ".join(
        f"{app['label']!r} ({app['id']}, {app['status']}, "
        f"{app['settings']['app'].get('identityProviderArn') or 'no SAML provider'})"
        for app in sorted(matches or apps, key=lambda app: (app["label"], app["id"]))
    )
    if not apps:
        raise SettingsError("Okta has no app of AWS Account Federation (amazon_aws)")
    rule = f"has {len(matches) or 'no'} apps of AWS" + (f" called {wanted!r}" if wanted else "")
    raise SettingsError(f"Okta {rule}; choose one of these with --app: {candidates}")


def accounts_of(profiles: Sequence[str]) -> dict[str, Account]:
    """Short name -> account that the credentials are of. Raises SettingsError."""
    result: dict[str, Account] = {}
    for profile in profiles or (None,):
        try:
            session = boto3.Session(profile_name=profile)
            identity = session.client("sts", region_name=session.region_name or "us-east-1")
            caller = identity.get_caller_identity()
        except (BotoCoreError, ClientError) as error:
            where = f"profile {profile}" if profile else "AWS"
            raise SettingsError(f"{where}: no credentials that work: {error}") from None
        partition = partition_named(caller["Arn"].split(":")[1])
        region = session.region_name
        name = re.sub(r"[^A-Za-z0-9_-]", "-", profile or "main").lstrip("-_0123456789")[:32]
        result[name or f"account-{caller['Account']}"] = Account(
            id=caller["Account"],
            region=region if region in partition.regions else partition.home_region,
            profile=profile,
        )
    return result


def _groups(
    org: Org, app_id: str, every: Sequence[Any], names: set[str]
) -> Iterator[tuple[str, GroupFacts]]:
    rules = list(org.every("/api/v1/groups/rules")) if names else []
    for name in sorted(names):
        matches = [each for each in every if each["profile"]["name"] == name]
        group = matches[0]
        state = okta_state.group_state(org, name, group["id"], rules)
        own = [rule["name"] for rule in rules if _could_be_own(rule, name, group["id"])]
        others = tuple(sorted(set(state.rules) - set(own)))
        apps = org.every(f"/api/v1/groups/{group['id']}/apps")
        yield (
            name,
            GroupFacts(
                id=group["id"],
                type=group["type"],
                description=group["profile"].get("description") or "",
                people=tuple(sorted(state.people)),
                rule=state.rules.get(own[0]) if own else None,
                other_rules=others,
                other_apps=tuple(sorted(app["label"] for app in apps if app["id"] != app_id)),
                has_twin=len(matches) > 1,
            ),
        )


def _could_be_own(rule: Mapping[str, Any], name: str, group_id: str) -> bool:
    """Whether a stack would make the rule just so."""
    return bool(
        rule["name"] == group_rule_name(name)
        and rule["status"] == "ACTIVE"
        and rule["actions"]["assignUserToGroups"]["groupIds"] == [group_id]
        and not rule["conditions"].get("people", {}).get("users", {}).get("exclude")
    )


def read_account(account: Account, provider: str, *, with_user: bool) -> AccountFacts:
    """The account's part. Raises SettingsError with AWS's words if something can't be read."""
    session = boto3.Session(profile_name=account.profile, region_name=account.region)
    iam, arn = session.client("iam"), account.saml_provider_arn(provider)
    try:
        try:
            saml = iam.get_saml_provider(SAMLProviderArn=arn)
        except iam.exceptions.NoSuchEntityException:
            raise SettingsError(f"{arn}: is not in AWS; so nobody signs in with the app") from None
        details = aws_state.details(iam)
        roles = {
            each["RoleName"]: each | iam.get_role(RoleName=each["RoleName"])["Role"]
            for each in details["RoleDetailList"]
            if arn.lower() in principals(each["AssumeRolePolicyDocument"], "Federated")
        }
        users = list(candidates(iam, details)) if with_user else []
        used = {user.policy_arn for user in users}
        used |= {arn for role in roles.values() for arn in aws_state.attached_policies(role)}
        return AccountFacts(
            account=account,
            metadata=saml["SAMLMetadataDocument"],
            provider_tags=aws_state.tags_of(saml),
            roles=roles,
            policies={
                each["Arn"]: each | iam.get_policy(PolicyArn=each["Arn"])["Policy"]
                for each in details["Policies"]
                if each["Arn"] in used
            },
            user=users[0] if users else None,
            other_users=tuple(user.name for user in users[1:]),
        )
    except (BotoCoreError, ClientError) as error:
        raise SettingsError(f"{account.id}: AWS can't be read: {error}") from None
