"""Okta's ids of what is in the org already."""

from pulumi import InvokeOutputOptions, Output
from pulumi_okta.group import get_group_output
from pulumi_okta.user import get_user_output


def lookup_user_id(login: str, opts: InvokeOutputOptions) -> Output[str]:
    """The Okta user id behind a login."""
    user_id: Output[str] = get_user_output(
        searches=[{"name": "profile.login", "value": login}],
        skip_groups=True,
        skip_roles=True,
        opts=opts,
    ).id
    return user_id


def lookup_group_id(name: str, opts: InvokeOutputOptions) -> Output[str]:
    """Okta's id of the group with a name, whoever made it."""
    group_id: Output[str] = get_group_output(name=name, opts=opts).id
    return group_id
