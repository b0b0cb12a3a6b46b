"""Who gets Okta's app for AWS, and in which order the groups of an app decide.

"AWS Account Federation" is the catalogue app amazon_aws.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from pulumi_policy import PolicyResource, Severity, StackValidationArgs

from dependencies import sources
from documents import join_words
from findings import Finding, finding, stack_rule, strings

APP = "okta:app/saml:Saml"
GROUP = "okta:group/group:Group"
GROUP_ASSIGNMENT = "okta:app/groupAssignment:GroupAssignment"
GROUP_ASSIGNMENTS = "okta:index/appGroupAssignments:AppGroupAssignments"

FEDERATION = "amazon_aws"
EVERYONE = "Everyone"
"""The group that Okta makes in every org and puts every person into."""


def is_federation_app(resource: PolicyResource) -> bool:
    """Whether a resource is Okta's app for AWS."""
    return resource.resource_type == APP and resource.props.get("preconfiguredApp") == FEDERATION


def assigns_everyone(assignment: PolicyResource, everyone: Collection[str]) -> bool:
    """Whether an assignment is to the group Everyone, by a group of the stack or by an id."""
    one = assignment.resource_type == GROUP_ASSIGNMENT
    groups = sources(assignment, "groupId" if one else "groups", GROUP)
    if any(group.props["name"] == EVERYONE for group in groups):
        return True
    # A group of the stack has no id before it is there, and need not be asked for one.
    if not everyone or (one and groups):
        return False
    if one:
        return assignment.props["groupId"] in everyone
    return any(group["id"] in everyone for group in assignment.props["groups"])


def priorities(assignment: PolicyResource) -> list[int]:
    """The priorities that an assignment gives out (the engine's numbers are floats)."""
    prioritized = (
        [assignment.props]
        if assignment.resource_type == GROUP_ASSIGNMENT
        else list(assignment.props["groups"])
    )
    return [int(each["priority"]) for each in prioritized if each.get("priority") is not None]


def shared_priorities(assignments: Sequence[PolicyResource]) -> dict[int, list[PolicyResource]]:
    """Priorities that are given out more than once for one app, with who gives them."""
    assigned: defaultdict[int, list[PolicyResource]] = defaultdict(list)
    for assignment in sorted(assignments, key=lambda assignment: assignment.name):
        for priority in priorities(assignment):
            assigned[priority].append(assignment)
    return {priority: sharing for priority, sharing in assigned.items() if len(sharing) > 1}


@stack_rule(
    Severity.CRITICAL,
    everyone=strings("Okta's id of the group Everyone, where the program looks it up."),
    apps=strings("Okta's ids of apps for AWS that other stacks hold."),
)
def okta_app_not_everyone(args: StackValidationArgs) -> Iterator[Finding]:
    """Okta's app for AWS is assigned to groups that were made for it."""
    config = args.get_config()
    for resource in args.resources:
        if is_federation_app(resource) and resource.props.get("implicitAssignment"):
            yield finding(
                resource,
                "implicitAssignment",
                f"Okta app '{resource.name}' must be assigned to groups, "
                "not implicitly to everyone: leave implicitAssignment out.",
            )
    for assignment in _assignments(args.resources):
        if _is_to_federation(assignment, config.get("apps", ())) and assigns_everyone(
            assignment, config.get("everyone", ())
        ):
            yield finding(
                assignment,
                EVERYONE,
                f"Okta group assignment '{assignment.name}' must give AWS to a group of its own, "
                f"not to {EVERYONE}.",
            )


@stack_rule(Severity.MEDIUM)
def unique_priorities(args: StackValidationArgs) -> Iterator[Finding]:
    """Each group of an Okta app has a priority of its own."""
    by_app: defaultdict[str, list[PolicyResource]] = defaultdict(list)
    for assignment in _assignments(args.resources):
        apps = sources(assignment, "appId", APP)
        by_app[apps[0].urn if apps else assignment.props["appId"]].append(assignment)
    for assignments in by_app.values():
        for priority, sharing in shared_priorities(assignments).items():
            names = join_words(f"'{name}'" for name in sorted({each.name for each in sharing}))
            yield finding(
                sharing[0],
                f"priority {priority}",
                f"Okta group assignment '{sharing[0].name}' must have a priority of its own: "
                f"{priority} is given {len(sharing)} times in its app, by {names}.",
            )


def _assignments(resources: Sequence[PolicyResource]) -> list[PolicyResource]:
    return [
        resource
        for resource in resources
        if resource.resource_type in (GROUP_ASSIGNMENT, GROUP_ASSIGNMENTS)
    ]


def _is_to_federation(assignment: PolicyResource, apps: Collection[str]) -> bool:
    in_stack = sources(assignment, "appId", APP)
    if in_stack:
        return any(is_federation_app(app) for app in in_stack)
    return bool(apps) and assignment.props["appId"] in apps
