"""The SAML provider's name, kept where the engine meets it before Okta is told of another."""

from pulumi import ComponentResource, ResourceOptions, Stash


def kept_provider_name(name: str, provider_name: str, component: ComponentResource) -> Stash:
    """What the app has to wait for. It is replaced with the name, as the provider is.

    A protected provider can't be replaced, but the engine meets it after the app: an update without
    preview would have told Okta the new name by then, and nobody would enter.
    """
    return Stash(
        f"{name}-provider-name",
        input=provider_name,
        opts=ResourceOptions(parent=component, replace_on_changes=["input"]),
    )
