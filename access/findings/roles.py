"""Roles: which nobody reaches, which close, what they wait for in vain, and how people get in."""

from collections.abc import Iterator
from datetime import timedelta

from access.findings.finding import Finding, note, warning
from access.model import AccessModel

SOON = timedelta(days=14)


def nobody_is_sent_here(model: AccessModel) -> Iterator[Finding]:
    """A role that no group names."""
    named = {role for group in model.stack.groups.values() for role in group.roles}
    chained = {
        grant.account_role.role
        for group in model.stack.groups
        for grant in model.grants_of_group(group)
    }
    for role in sorted(model.stack.roles.keys() - named - chained):
        yield warning(
            "role-without-group",
            f"roles.{role}",
            "",
            "is in no group's roles, so nobody can assume it through Okta",
            "add it to a group, or remove it",
        )


def window(model: AccessModel) -> Iterator[Finding]:
    """A role that is closed by its dates, or closes soon."""
    today = model.stack.today
    for name, role in model.stack.roles.items():
        opens, closes = role.trust.opens, role.trust.closes
        if closes is not None and closes < today:
            yield warning(
                "role-has-closed",
                f"roles.{name}.trust.closes",
                str(closes),
                "has passed, so AWS lets nobody in",
                "move the day, or remove the role",
            )
        elif closes is not None and closes <= today + SOON:
            yield note(
                "role-closes-soon",
                f"roles.{name}.trust.closes",
                str(closes),
                f"is in {(closes - today).days} days",
                "move the day, if people still need the role",
            )
        if opens is not None and opens > today:
            yield note(
                "role-is-not-open-yet",
                f"roles.{name}.trust.opens",
                str(opens),
                "is to come, so AWS lets nobody in before it",
                "nothing, if that is meant",
            )


def tags_that_are_never_sent(model: AccessModel) -> Iterator[Finding]:
    """A role that takes a session tag which the app does not send."""
    sent = {key.lower() for key in model.stack.app.session_tags}
    for name, role in model.stack.roles.items():
        for key in role.trust.session_tags:
            if key.lower() not in sent:
                yield note(
                    "tag-is-never-sent",
                    f"roles.{name}.trust.sessionTags",
                    key,
                    "is accepted, and the app does not send it",
                    "add it to app.sessionTags, unless another provider sends it",
                )


def sign_in_depends_on_one_region(model: AccessModel) -> Iterator[Finding]:
    """Okta posts to one region, and the roles accept no other but the global page."""
    app = model.stack.app
    if app.sign_in_region and not app.fallback_regions:
        yield note(
            "one-sign-in-region",
            "app.signInRegion",
            app.sign_in_region,
            "is the only region whose sign-in page the roles accept",
            "name app.fallbackRegions: roles can't be edited while IAM is down",
        )


def command_line_needs_a_fresh_factor(model: AccessModel) -> Iterator[Finding]:
    """A second factor each time, and a client that enters with a token of some seconds ago.

    Source: okta-aws-cli, issue 153: such exchanges fail now and then, with a frequency of 2 minutes
    they do not. The stack file counts in hours.
    """
    app = model.stack.app
    policy = app.sign_on_policy
    if policy and policy.reauthenticate_hours == 0 and app.has_command_line:
        yield warning(
            "command-line-asks-each-time",
            "app.signOnPolicy.reauthenticateHours",
            "0",
            "asks for the second factor each time, so okta-aws-cli is refused now and then: "
            "invalid_grant, \"The application's assurance requirements are not met by the "
            "'subject_token'\"",
            "set it to 1 or more",
        )


def session_ends_before_the_role_does(model: AccessModel) -> Iterator[Finding]:
    """A role whose hours no sign-in in a browser gets: Okta sends the app's (SessionDuration)."""
    hours = model.stack.app.session_hours
    for name, role in model.stack.roles.items():
        if role.session_hours > hours:
            yield note(
                "role-hours-beyond-app",
                f"roles.{name}.sessionHours",
                str(role.session_hours),
                f"is more than app.sessionHours = {hours}, so sessions in the console end sooner",
                "raise app.sessionHours, or leave it for tools that ask AWS for a duration",
            )


def alarm_misses_sign_ins(model: AccessModel) -> Iterator[Finding]:
    """Alarms in other regions than the one whose sign-in page Okta posts to."""
    region = model.stack.app.sign_in_region or model.stack.partition.home_region
    for name, role in model.stack.roles.items():
        if role.alarms and region not in {arn.split(":")[3] for arn in role.alarms}:
            yield warning(
                "alarm-misses-sign-ins",
                f"roles.{name}.alarms",
                "",
                f"have none in {region}, where people sign in and CloudTrail records it",
                f"add a topic of {region}",
            )


CHECKS = (
    alarm_misses_sign_ins,
    session_ends_before_the_role_does,
    nobody_is_sent_here,
    window,
    tags_that_are_never_sent,
    sign_in_depends_on_one_region,
    command_line_needs_a_fresh_factor,
)
