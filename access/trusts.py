"""The trust policy of a role: the document that the component makes, from the same functions."""

from collections.abc import Mapping
from typing import Any

from okta_aws_federation.iam.policy import Policy
from okta_aws_federation.trust_policy import as_list, build_document
from settings import AccountRole, Settings


def trust_document(stack: Settings, account_role: AccountRole) -> Mapping[str, Any]:
    """Who may enter the role, as the deployment will say it."""
    return build_document(
        stack.saml_provider_arns(account_role), stack.audiences, stack.trust_of(account_role)
    )


def trust_policy(stack: Settings, account_role: AccountRole) -> Policy:
    """The same, to be asked."""
    return Policy.parse(
        trust_document(stack, account_role), name=f"trust policy of {account_role.role}"
    )


def trusts_in_words(expected: Any, observed: Any) -> tuple[str, str]:
    """Of two trust policies, the statements that only the one and only the other has, in words."""
    ours, theirs = (
        [describe_trust(statement) for statement in statements_of(document)]
        for document in (expected, observed)
    )
    only_ours = [each for each in ours if each not in theirs]
    only_theirs = [each for each in theirs if each not in ours]
    return "; ".join(only_ours) or "nothing more", "; ".join(only_theirs) or "nothing more"


def describe_trust(statement: Mapping[str, Any]) -> str:
    """A statement of a trust policy in a line: who, for what, under which conditions."""
    verb = "trusts" if statement.get("Effect") == "Allow" else "refuses"
    everyone_but = "everybody but " if "NotPrincipal" in statement else ""
    principal = statement.get("NotPrincipal", statement.get("Principal", {}))
    who = " and ".join(_principals(principal))
    actions = statement.get("Action", statement.get("NotAction", ()))
    what = " and ".join(as_list(actions))
    what = f"all actions but {what}" if "NotAction" in statement else what
    conditions = [
        f"{key} {operator} {' or '.join(map(str, as_list(values)))}"
        for operator, keys in sorted(statement.get("Condition", {}).items())
        for key, values in sorted(keys.items())
    ]
    when = f", if {' and '.join(conditions)}" if conditions else ""
    return f"{verb} {everyone_but}{who} for {what}{when}"


def _principals(principal: Any) -> list[str]:
    if not isinstance(principal, Mapping):
        return ["everybody"] if principal == "*" else [str(principal)]
    kinds = {"AWS": "", "Federated": "", "Service": "service "}
    return [
        "every AWS account" if (kind, name) == ("AWS", "*") else f"{kinds.get(kind, kind)}{name}"
        for kind, names in sorted(principal.items())
        for name in sorted(as_list(names))
    ]


def statements_of(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The statements of a policy document: IAM takes one alone as well."""
    statements = document.get("Statement", ())
    return [statements] if isinstance(statements, Mapping) else list(statements)
