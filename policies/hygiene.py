"""Tags of roles, and the `protect` option of SAML providers."""

from collections.abc import Iterator

from pulumi_policy import EnforcementLevel, ResourceValidationArgs, Severity

from certificates import SAML_PROVIDER
from findings import Finding, finding, resource_rule, strings
from trust import ROLE


@resource_rule(
    Severity.LOW,
    ROLE,
    required=strings("Tags that every role must have. If none is listed, any tag will do."),
)
def role_tags(args: ResourceValidationArgs) -> Iterator[Finding]:
    """A role says whose it is."""
    required = args.get_config().get("required", ())
    # tagsAll has the provider's default tags too, where the provider fills it in.
    tags = {**(args.props.get("tags") or {}), **(args.props.get("tagsAll") or {})}
    if not required and not tags:
        message = f"IAM role '{args.name}' must have a tag that says whose it is."
        yield finding(args, "any", message)
    for tag in required:
        if not tags.get(tag):
            yield finding(args, tag, f"IAM role '{args.name}' must have the tag {tag}.")


# A stack to try things with is there to be destroyed; others make it mandatory.
@resource_rule(Severity.HIGH, SAML_PROVIDER, enforcement_level=EnforcementLevel.ADVISORY)
def saml_provider_protected(args: ResourceValidationArgs) -> Iterator[Finding]:
    """Nobody deletes a SAML provider by mistake."""
    if not args.opts.protect:
        yield finding(
            args,
            "protect",
            f"SAML provider '{args.name}' must be protected (resource option protect): if it is "
            "deleted or replaced, nobody gets in.",
        )
