"""What a property of a resource was computed from: known to a preview when the value is not."""

from pulumi_policy import PolicyResource


def sources(resource: PolicyResource, named: str, kind: str) -> list[PolicyResource]:
    """The resources of a kind that a property was computed from."""
    return [
        source
        for source in resource.property_dependencies.get(named, [])
        if source.resource_type == kind
    ]
