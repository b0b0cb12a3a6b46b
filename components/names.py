"""Options of children whose names are made of two parts, see `resource_names`."""

from pulumi import Alias, ComponentResource, ResourceOptions

from okta_aws_federation.resource_names import child_name, former_child_name


def revocable_options(
    parent: ComponentResource,
    component: str,
    part: str,
    separator: str = "-",
    suffix: str = "",
    ignored: str | None = None,
) -> ResourceOptions:
    """Options of a child that can be deleted, however protected its component is; with an alias
    where the child's name has changed. `ignored`: an input whose changes are."""
    former = former_child_name(component, part, separator, suffix)
    renamed = former != child_name(component, part, separator, suffix)
    return ResourceOptions(
        parent=parent,
        protect=False,
        aliases=[Alias(name=former)] if renamed else None,
        ignore_changes=[ignored] if ignored else None,
    )
