"""What keeps a federation from getting lost: owners who can be found, and a lock on the door."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
)

from findings import Finding, as_validator, finding, rule_config

ROLE = "aws:iam/role:Role"
SAML_PROVIDER = "aws:iam/samlProvider:SamlProvider"


def missing_tags(props: Mapping[str, Any], required: Sequence[str]) -> list[str]:
    """Required tags that a resource lacks; with none required, "any" if it has no tag at all.

    `tagsAll` holds the provider's default tags too, where the provider fills it in.
    """
    tags = {**(props.get("tags") or {}), **(props.get("tagsAll") or {})}
    if not required:
        return [] if tags else ["any"]
    return [tag for tag in required if not tags.get(tag)]


def find_missing_tag(args: ResourceValidationArgs) -> Iterator[Finding]:
    if args.resource_type != ROLE:
        return
    for tag in missing_tags(args.props, args.get_config().get("required", ())):
        what = "a tag that says whose it is" if tag == "any" else f"the tag {tag}"
        yield finding(args, tag, f"IAM role '{args.name}' must have {what}.")


def find_unprotected_provider(args: ResourceValidationArgs) -> Iterator[Finding]:
    if args.resource_type == SAML_PROVIDER and not args.opts.protect:
        yield finding(
            args,
            "protect",
            f"SAML provider '{args.name}' must be protected (resource option protect): if it is "
            "deleted or replaced, nobody gets in.",
        )


role_tags = ResourceValidationPolicy(
    name="role-tags",
    description="A role says whose it is.",
    validate=as_validator(find_missing_tag),
    config_schema=rule_config(
        required={
            "description": "Tags that every role must have. If none is listed, any tag will do.",
            "type": "array",
            "items": {"type": "string"},
        }
    ),
    severity=Severity.LOW,
)

saml_provider_protected = ResourceValidationPolicy(
    name="saml-provider-protected",
    description="Nobody deletes a SAML provider by mistake.",
    # A stack to try things with is there to be destroyed; others make it mandatory.
    enforcement_level=EnforcementLevel.ADVISORY,
    validate=as_validator(find_unprotected_provider),
    config_schema=rule_config(),
    severity=Severity.HIGH,
)
