"""Section `app` of a stack file, from the app as Okta answers it."""

import re
from typing import Any

from access.adoption.existing import Federation
from access.adoption.trust import audiences_of, source_identities_of
from okta_aws_federation.group_names import DEFAULT_APP_FILTER, DEFAULT_FILTER
from okta_aws_federation.okta_app import ATTRIBUTES, attribute_expressions
from okta_aws_federation.partitions import Partition

LOGIN = "${source.login}"


def write(federation: Federation) -> dict[str, Any]:
    """What differs from a stack file's defaults; always with label, provider and hours."""
    app, settings = federation.app.app, federation.settings
    partition = next(iter(federation.accounts.values())).account.partition
    regions = _regions(partition)
    url = settings.get("overrideAcsURL")
    default_url = partition.acs_url()
    section = {
        "label": app["label"],
        "provider": federation.provider,
        "sessionHours": max(1, int(settings.get("sessionDuration") or 3600) // 3600),
        "loginUrl": _unless(settings.get("loginURL"), partition.console),
        "environment": _unless(settings.get("awsEnvironmentType"), partition.okta_environment),
        "signInRegion": regions.get(url) if url and url != default_url else None,
        "userNameTemplate": _user_name(app["credentials"]["userNameTemplate"]["template"]),
        "webSsoAllowedClient": settings.get("webSSOAllowedClient"),
        "signOnPolicyId": federation.app.policy_id,
        **_attributes(federation),
    }
    if federation.uses_group_mapping:
        section["appFilter"] = _unless(settings.get("appFilter"), DEFAULT_APP_FILTER)
        section["groupFilter"] = _unless(settings.get("groupFilter"), DEFAULT_FILTER)
    else:
        section["joinAllRoles"] = bool(settings.get("joinAllRoles"))
        section["combineRoles"] = federation.app.combines_roles
    if further := sorted(_accepted_regions(federation, regions) - {str(section["signInRegion"])}):
        section["fallbackRegions"] = further
    result = {key: value for key, value in section.items() if value}
    return result if app["status"] == "ACTIVE" else result | {"active": False}


def _unless(value: str | None, default: str) -> str | None:
    return value if value != default else None


def _regions(partition: Partition) -> dict[str, str]:
    """Sign-in endpoint -> region."""
    return {partition.regional_sign_in_url(region): region for region in partition.regions}


def _accepted_regions(federation: Federation, regions: dict[str, str]) -> set[str]:
    """Regions whose endpoints the roles accept besides the global one."""
    result: set[str] = set()
    for facts in federation.accounts.values():
        account = facts.account
        arn = account.saml_provider_arn(federation.provider)
        for role in facts.roles.values():
            audiences = audiences_of(role["AssumeRolePolicyDocument"], arn)
            result |= {
                regions[each]
                for each in audiences
                if each in regions and each != account.partition.sign_in_url
            }
    return result


def _user_name(template: str) -> str | None:
    """A format of Okta's own, `${source.email}`, as the custom one that means the same."""
    if template == LOGIN:
        return None
    return re.sub(r"\$\{source\.(\w+)\}", r"user.\1", template)


def _attributes(federation: Federation) -> dict[str, Any]:
    """Session tags and source identity; an attribute of another kind has no key."""
    statements = federation.app.app["settings"]["signOn"].get("attributeStatements") or ()
    sent = {each["name"]: each["values"] for each in statements if each.get("values")}
    prefix = f"{ATTRIBUTES}/PrincipalTag:"
    tags = {
        name.removeprefix(prefix): values[0]
        for name, values in sent.items()
        if name.startswith(prefix) and len(values) == 1
    }
    transitive = [
        key
        for key in tags
        if attribute_expressions({key: tags[key]}, None, [key])[f"{ATTRIBUTES}/TransitiveTagKeys"][
            0
        ]
        in sent.get(f"{ATTRIBUTES}/TransitiveTagKeys", ())
    ]
    identity = sent.get(f"{ATTRIBUTES}/SourceIdentity", [""])[0]
    allowed = {
        each
        for facts in federation.accounts.values()
        for role in facts.roles.values()
        for each in source_identities_of(role["AssumeRolePolicyDocument"])
    }
    return {
        "sessionTags": tags,
        "transitiveTags": sorted(transitive),
        "sourceIdentity": {"value": identity, "allow": sorted(allowed)}
        if identity and allowed
        else None,
    }
