"""The sections of a stack file for a federation that is there already.

A value that a stack file has by default is left out. What no key can say becomes a `Remark`.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pydantic

from access import aws_managed
from access.adoption import app_section, provisioning_section
from access.adoption.existing import AccountFacts, Federation, GroupFacts
from access.adoption.remark import Remark
from access.adoption.trust import trust_section
from access.trusts import statements_of
from access.verification.aws_state import default_document, tags_of
from access.verification.compare_aws import canonical
from okta_aws_federation import defaults
from okta_aws_federation.group_names import parse_group_name
from settings import policy_document
from settings.documents import Statement
from settings.okta import DEFAULT_BASE_URL


def write(federation: Federation) -> tuple[dict[str, Any], list[Remark]]:
    """The sections, and what they leave out."""
    remarks: list[Remark] = []
    common = common_tags(federation)
    app = app_section.write(federation)
    roles = _roles(federation, app, common, remarks)
    hours = [role.get("sessionHours", 1) for role in roles.values()]
    app["sessionHours"] = min([app["sessionHours"], *hours])
    mapping = federation.uses_group_mapping
    groups = (_role_groups if mapping else _groups)(federation, roles, remarks)
    accounts = {
        name: {
            key: value
            for key, value in facts.account.model_dump(by_alias=True, exclude_none=True).items()
            if key in ("id", "region", "profile")
        }
        for name, facts in federation.accounts.items()
    }
    remarks += [
        Remark(f"account {each}", "its roles and groups", "add its profile with --profile")
        for each in federation.unread_accounts
    ]
    org = os.environ.get("OKTA_ORG_NAME")
    pinned = {"org": org, "baseUrl": os.environ.get("OKTA_BASE_URL") or DEFAULT_BASE_URL}
    result = {
        "okta": pinned if org and not os.environ.get("OKTA_HTTP_PROXY") else {},
        "mode": "group-mapping" if mapping else "",
        "accounts": accounts,
        "app": app,
        "roles": roles,
        "groups": groups,
        "provisioning": {}
        if federation.uses_group_mapping
        else provisioning_section.write(federation, remarks),
        "tags": common,
        "quotas": _quotas(federation, roles),
        "protect": True,
    }
    return {key: value for key, value in result.items() if value}, remarks


def common_tags(federation: Federation) -> dict[str, str]:
    """What everything of the stack in AWS has as tag: section `tags`."""
    every = [
        tags
        for facts in federation.accounts.values()
        for tags in (facts.provider_tags, *map(tags_of, facts.roles.values()), *_user_tags(facts))
    ]
    return {k: v for k, v in every[0].items() if all(tags.get(k) == v for tags in every)}


def _user_tags(facts: AccountFacts) -> Iterator[Mapping[str, str]]:
    if facts.user:
        yield facts.user.tags
        if facts.user.policy_arn:
            yield tags_of(facts.policies[facts.user.policy_arn])


def _roles(
    federation: Federation, app: Mapping[str, Any], common: Mapping[str, str], remarks: list[Remark]
) -> dict[str, dict[str, Any]]:
    result: dict[str, dict[str, Any]] = {}
    owners: dict[str, list[str]] = {}
    for account, facts in federation.accounts.items():
        for name, role in sorted(facts.roles.items()):
            section = _role(federation, facts, role, app, common)
            if result.setdefault(name, section) == section:
                owners.setdefault(name, []).append(account)
                continue
            reason = (
                f"differs from that of account {owners[name][0]}, and a role is the same in all"
            )
            remarks.append(Remark(f"role {name} in {facts.account.id}", "the role", reason))
    for name, accounts in owners.items():
        if len(accounts) < len(federation.accounts):
            result[name]["accounts"] = accounts
    return result


def _role(
    federation: Federation,
    facts: AccountFacts,
    role: Mapping[str, Any],
    app: Mapping[str, Any],
    common: Mapping[str, str],
) -> dict[str, Any]:
    account, tags = facts.account, tags_of(role)
    managed, customer = [], {}
    for each in role["AttachedManagedPolicies"]:
        arn = each["PolicyArn"]
        own = facts.policies.get(arn)
        if own and (statements := _own_statements(own, tags)):
            customer[each["PolicyName"]] = statements
        else:
            name = arn.partition(":iam::aws:policy/")[2]
            managed.append(name if name and aws_managed.policy(arn) else arn)
    document = role["AssumeRolePolicyDocument"]
    identity = app.get("sourceIdentity", {}).get("allow", ())
    arn = account.saml_provider_arn(federation.provider)
    section = {
        "description": role.get("Description"),
        "path": role["Path"].removesuffix("/") and role["Path"],
        "sessionHours": -(-role["MaxSessionDuration"] // 3600),
        "boundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        "managedPolicies": sorted(managed),
        "customerPolicies": customer,
        "inlinePolicies": {
            each["PolicyName"]: statements_of(each["PolicyDocument"])
            for each in role["RolePolicyList"]
            if _is_writable(each["PolicyDocument"])
        },
        "trust": trust_section(document, arn, list(app.get("sessionTags", ())), identity),
        "tags": {key: value for key, value in tags.items() if common.get(key) != value},
    }
    return {key: value for key, value in section.items() if value and (key, value) != HOUR}


HOUR = ("sessionHours", 1)
WAITS: dict[str, Any] = {"temporary": {}}


def _own_statements(policy: Mapping[str, Any], role_tags: Mapping[str, str]) -> list[Any] | None:
    """The statements of a policy that the stack can take over as it is; None where the role refers
    to it by its ARN: it has a path, other tags than the role, or somebody else uses it too."""
    shared = policy["AttachmentCount"] + policy.get("PermissionsBoundaryUsageCount", 0) != 1
    document = default_document(policy)
    if shared or policy["Path"] != "/" or tags_of(policy) != role_tags:
        return None
    return statements_of(document) if _is_writable(document) else None


def _is_writable(document: Mapping[str, Any]) -> bool:
    """Whether a stack file makes the same document of the statements."""
    try:
        statements = [Statement.model_validate(each) for each in statements_of(document)]
    except pydantic.ValidationError:
        return False
    return bool(canonical(json.loads(policy_document(statements))) == canonical(document))


def _groups(
    federation: Federation, roles: Mapping[str, Any], remarks: list[Remark]
) -> dict[str, dict[str, Any]]:
    assignments, result, matters = federation.app.assignments, dict[str, dict[str, Any]](), False
    people = Counter(
        login
        for name in assignments
        for login in (federation.groups[name].people if name in federation.groups else ())
    )
    for name, assignment in sorted(assignments.items(), key=lambda each: each[1].priority):
        known = [role for role in assignment.roles if role in roles]
        for role in sorted(set(assignment.roles) - set(known)):
            reason = f"no role of that name trusts the SAML provider {federation.provider}"
            remarks.append(Remark(f"group {name}", f"role {role}", reason))
        if not known or name not in federation.groups:
            reason = "it is assigned without a role that the account has"
            remarks.append(Remark(f"group {name}", "the group", reason))
            continue
        facts = federation.groups[name]
        section = _group(name, facts, remarks)
        is_listed = bool(section.keys() & {"members", *WAITS})
        matters |= not is_listed or any(people[login] > 1 for login in facts.people)
        result[name] = {"roles": sorted(known), **section}
    # Where the order of two decides something, the order of all is kept.
    for name in result if matters else ():
        result[name]["priority"] = assignments[name].priority
    return result


def _group(name: str, facts: GroupFacts, remarks: list[Remark]) -> dict[str, Any]:
    """A group's people; one that a stack must not own is `existing`, without them."""
    reason = ""
    if facts.type != "OKTA_GROUP":
        reason = "a directory decides who is in it"
    elif facts.other_apps:
        reason = f"it is assigned to {', '.join(facts.other_apps)} too"
    elif facts.other_rules:
        reason = f"the rule {', '.join(facts.other_rules)} fills it"
    if reason or facts.has_twin:
        remarks.append(Remark(f"group {name}", _counted(facts.people), f"existing, as {reason}"))
        return {"existing": True} | ({"id": facts.id} if facts.has_twin else {})
    description = {"description": facts.description} if facts.description else {}
    if facts.rule is None:
        # An empty group is kept for people to come: a stack of such groups alone is refused else.
        return description | ({"members": list(facts.people)} if facts.people else WAITS)
    reason = "who is in it besides the rule can't be told, and stays in it"
    remarks.append(Remark(f"group {name}", _counted(facts.people), reason))
    return description | {"rule": facts.rule}


def _counted(people: Sequence[str]) -> str:
    return f"its {len(people)} people" if len(people) != 1 else f"its member {people[0]}"


def _role_groups(
    federation: Federation, roles: Mapping[str, Any], remarks: list[Remark]
) -> dict[str, dict[str, Any]]:
    """Mode group-mapping: groups whose names Okta reads stay Okta's own."""
    ids = {facts.account.id: name for name, facts in federation.accounts.items()}
    result = {}
    for name, facts in federation.groups.items():
        account, role = parse_group_name(federation.settings["groupFilter"], name) or ("", "")
        if role not in roles or ids.get(account) not in (
            roles[role].get("accounts") or ids.values()
        ):
            if account in ids:
                reason = f"no role {role} there trusts the SAML provider {federation.provider}"
                remarks.append(Remark(f"group {name}", "the group", reason))
            continue
        section: dict[str, Any] = {"roles": [role], "existing": True}
        plain = facts.type == "OKTA_GROUP" and not (facts.other_rules or facts.rule)
        if plain and not facts.other_apps:
            result[name] = section | {"members": list(facts.people)}
            continue
        remarks.append(Remark(f"group {name}", _counted(facts.people), "somebody else fills it"))
        result[name] = section | ({"id": facts.id} if facts.has_twin else {})
    return result


def _quotas(federation: Federation, roles: Mapping[str, Any]) -> dict[str, int]:
    """Quotas that the account must have had raised, since the roles are there."""
    policies = max(
        (
            len(r.get("managedPolicies", ())) + len(r.get("customerPolicies", ()))
            for r in roles.values()
        ),
        default=0,
    )
    sizes = [
        len(json.dumps(role["AssumeRolePolicyDocument"], separators=(",", ":")))
        for facts in federation.accounts.values()
        for role in facts.roles.values()
    ]
    most = max(sizes, default=0)
    raised = {
        "managedPoliciesPerRole": policies if policies > 10 else 0,
        "trustPolicyCharacters": 4096 if most > defaults.TRUST_POLICY_CHARACTERS else 0,
    }
    return {key: value for key, value in raised.items() if value}
