"""Section `provisioning` of a stack file, from the user whose key Okta uses."""

from typing import Any

from access.adoption.existing import AccountFacts, Federation
from access.adoption.remark import Remark
from access.adoption.users import UserFacts
from access.recovery.identifiers import ADOPTED
from access.trusts import statements_of
from access.verification.aws_state import default_document
from access.verification.okta_state import PROVISIONS


def write(federation: Federation, remarks: list[Remark]) -> dict[str, Any]:
    """What the user, its policy and its keys are; what is left out is added to `remarks`."""
    [facts] = federation.accounts.values()
    enabled = PROVISIONS in federation.app.app["features"] or federation.app.assignments
    section = {"integration": "done" if enabled else "pending"}
    user = facts.user
    where = f"user {user.name if user else ''} in {facts.account.id}"
    for name in facts.other_users:
        reason = f"has a key and may list roles as {user.name if user else name} may"
        remarks.append(Remark(f"user {name} in {facts.account.id}", "the user", reason))
    if user is None:
        reason = "nobody's active key lists the roles and does no more; the update makes a user"
        remarks.append(Remark(where, "the user whose key Okta uses", reason))
        return section
    if user.inactive_keys:
        reason = "an update would activate them; delete what nobody needs"
        remarks.append(Remark(where, f"{user.inactive_keys} inactive access keys", reason))
    keys = [ADOPTED] if user.keys == 1 else [f"{ADOPTED}-a", f"{ADOPTED}-b"]
    return {"user": user.name, **_policy(facts, user), "keys": keys, **section}


def _policy(facts: AccountFacts, user: UserFacts) -> dict[str, Any]:
    attach = {"attach": "group", "group": user.group} if user.group else {"attach": "user"}
    if user.policy_arn is None:
        return attach
    policy = facts.policies[user.policy_arn]
    [first, *_] = statements = statements_of(default_document(policy))
    old = any("sts:AssumeRole" in str(each.get("Action")) for each in statements)
    ips = first.get("Condition", {}).get("IpAddress", {}).get("aws:SourceIp", ())
    section = {
        "policy": policy["PolicyName"],
        **attach,
        "permissions": "multi-account" if old else "",
        "sourceIps": [ips] if isinstance(ips, str) else list(ips),
    }
    return {key: value for key, value in section.items() if value}
