"""Okta's ids of people and groups that are in the org already.

The look-ups wait for their answer, so that a program can refuse what Okta does not know before
anything is created.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from pulumi import InvokeOptions, log
from pulumi_okta import get_groups
from pulumi_okta.outputs import GetGroupsGroupResult
from pulumi_okta.user import GetUsersSearchArgs, get_users

from okta_aws_federation.okta_app import quoted

from .errors import looked_up

LOGINS_PER_LOOKUP = 40
"""How many logins one request asks for. Okta documents no length for `search`, and web servers take
URLs of some 8,000 characters: 40 logins of usual length have about 3,000 when escaped."""
MAX_SEARCH = 6000
"""Characters of an escaped search expression: bounds a request for long logins."""

REACH_OKTA = "check that OKTA_ORG_NAME and OKTA_BASE_URL lead to the org, and its credentials"


def find_user_ids(logins: Iterable[str], opts: InvokeOptions) -> dict[str, str]:
    """Login -> Okta user id, of those whom Okta knows. Logins compare without case, as in Okta.

    `okta.user.getUsers` joins the conditions by `or` and follows all pages of the answer, 200
    people each (terraform-provider-okta, data_source_okta_users.go, `collectUsers`).
    """
    wanted = sorted({login.lower() for login in logins})
    ids: dict[str, str] = {}
    done = 0
    for batch in batches(wanted):
        if len(batch) < len(wanted):  # beside the stack's name, until the next line takes its place
            log.info(f"people looked up in Okta: {done} of {len(wanted)}", ephemeral=True)
            done += len(batch)
        searches = [GetUsersSearchArgs(name="profile.login", value=login) for login in batch]
        found = looked_up(
            "people",
            REACH_OKTA,
            partial(get_users, searches=searches, compound_search_operator="or", opts=opts),
        )
        ids |= {user.login.lower(): user.id for user in found.users}
    return {login: ids[login.lower()] for login in logins if login.lower() in ids}


@dataclass(frozen=True)
class ExistingGroup:
    """A group that is in Okta, whoever created it."""

    id: str
    """Okta's id of the group."""
    type: str
    """OKTA_GROUP; APP_GROUP for one that a directory or another app masters; BUILT_IN."""

    @property
    def takes_members(self) -> bool:
        """Whether Okta's API and its rules change who is in the group. It answers 403 for others
        (terraform-provider-okta, pull request 118)."""
        return self.type == "OKTA_GROUP"


def find_groups(names: Iterable[str], opts: InvokeOptions) -> dict[str, tuple[ExistingGroup, ...]]:
    """Name -> the groups of that name: none, one, or several, since a directory may have any name
    that Okta has.

    `okta.getGroups` answers an empty list where `okta.group.getGroup` fails, and a failed look-up
    ends a program in a traceback.
    """
    found = {}
    for name in names:
        groups = groups_of(f"profile.name eq {quoted(name)}", name, opts)
        found[name] = tuple(
            ExistingGroup(group.id, group.type) for group in groups if group.name == name
        )
    return found


def find_groups_by_id(ids: Iterable[str], opts: InvokeOptions) -> dict[str, ExistingGroup]:
    """Okta's id -> the group, of those that Okta has."""
    found = {}
    for identifier in ids:
        for group in groups_of(f"id eq {quoted(identifier)}", identifier, opts):
            found[group.id] = ExistingGroup(group.id, group.type)
    return found


def groups_of(search: str, name: str, opts: InvokeOptions) -> Sequence[GetGroupsGroupResult]:
    """The groups that a search expression finds; `name` is what a refusal calls them."""
    what = f"group {name}"
    return looked_up(what, REACH_OKTA, partial(get_groups, search=search, opts=opts)).groups


def batches(logins: Sequence[str]) -> Iterator[list[str]]:
    """The logins in as few requests as LOGINS_PER_LOOKUP and MAX_SEARCH allow."""
    batch: list[str] = []
    length = 0
    for login in logins:
        size = search_length(login)
        if batch and (len(batch) == LOGINS_PER_LOOKUP or length + size > MAX_SEARCH):
            yield batch
            batch, length = [], 0
        batch.append(login)
        length += size
    if batch:
        yield batch


def search_length(login: str) -> int:
    """Characters of `profile.login eq "..." or `, escaped for a URL, three a byte at most."""
    return len("profile.login%20eq%20%22%22%20or%20") + 3 * len(login.encode())
