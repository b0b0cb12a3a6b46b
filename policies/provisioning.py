"""What Okta may do in AWS with the key that is typed into its Provisioning tab.

Okta downloads the names of the roles and of the account, and does nothing else.
Source: Okta help, "Generate the AWS API access key" of the AWS Account Federation guide.
"""

from collections.abc import Iterator, Sequence
from itertools import chain

from pulumi_policy import PolicyResource, Severity, StackValidationArgs

import documents
import effective_policies
from assignments import is_federation_app
from certificates import SAML_PROVIDER
from credentials import keys_by_user
from documents import Statement
from effective_policies import Principal
from findings import Finding, finding, stack_rule, strings
from privileges import NOUNS

NEEDED = ("iam:ListRoles", "iam:ListAccountAliases")


def provisioning_users(
    resources: Sequence[PolicyResource], named: Sequence[str]
) -> dict[str, PolicyResource]:
    """The users that may do the two actions only, with a key of each.

    They are those that the configuration names. If it names none, they are the users with an
    access key in a stack that also has a SAML provider or Okta's app for AWS: a user with a key
    elsewhere serves another purpose.
    """
    federates = any(
        resource.resource_type == SAML_PROVIDER or is_federation_app(resource)
        for resource in resources
    )
    return {
        user: keys[0]
        for user, keys in keys_by_user(resources).items()
        if (user in named if named else federates)
    }


@stack_rule(
    Severity.HIGH,
    users=strings(
        "Names of the users, as AWS knows them, whose keys Okta holds. If none "
        "is named: every user with a key in a stack that federates."
    ),
)
def provisioning_policy_read_only(args: StackValidationArgs) -> Iterator[Finding]:
    """The key that Okta holds can list roles and account aliases, and nothing else."""
    users = provisioning_users(args.resources, args.get_config().get("users", ()))
    if not users:
        return
    attached = effective_policies.attached_documents(args.resources)
    groups = list(effective_policies.memberships(args.resources))
    for user, key in users.items():
        own = attached.get(Principal("user", user), [])
        allowing: list[Statement] = []
        for each in own:
            allowing += (allowed := documents.allows(each.document))
            for action in chain(*(statement.action_patterns for statement in allowed)):
                if action.lower() not in {needed.lower() for needed in NEEDED}:
                    noun = f"{NOUNS[each.source.resource_type]} '{each.source.name}'"
                    yield finding(
                        each.source,
                        action,
                        f"{noun} must let IAM user '{user}' do {documents.join_words(NEEDED)} and "
                        f"nothing else, not {action}.",
                    )
        for action in NEEDED:
            if any(s.covers(action) and "*" in s.resources for s in allowing):
                continue
            yield finding(
                key,
                action,
                f"IAM user '{user}', whose key is '{key.name}', must be allowed {action} on *: "
                "without it Okta cannot download the roles.",
            )
        theirs = {Principal("user", user), *(Principal("group", g) for u, g in groups if u == user)}
        for attachment in effective_policies.attachments(args.resources):
            if attachment.principal in theirs and attachment.policy is None:
                arn = attachment.resource.props["policyArn"]
                yield finding(
                    attachment.resource,
                    arn,
                    f"'{attachment.resource.name}' must give IAM user '{user}' a policy of this "
                    f"stack with {documents.join_words(NEEDED)}, not {arn}.",
                )
