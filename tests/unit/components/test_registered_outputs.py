"""Every public attribute of a component is an output that it registers, and has a meaning."""

import inspect

import pytest

import components

COMPONENTS = [
    components.AccessGroup,
    components.FederatedRole,
    components.OktaAwsApp,
    components.ProvisioningUser,
    components.SamlIdentityProvider,
]
RESOURCES = {"saml_providers"}
"""What is a resource of its own, and no output."""


def camel(name):
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda each: each.__name__)
def test_all_public_attributes_are_registered(
    run, component, app_args, role_args, user_args, group_args, monkeypatch
):
    registered = {}
    args = {
        components.AccessGroup: group_args,
        components.FederatedRole: role_args,
        components.OktaAwsApp: app_args,
        components.ProvisioningUser: user_args,
        components.SamlIdentityProvider: lambda: components.SamlIdentityProviderArgs(
            account_id="123456789012", metadata="<a/>"
        ),
    }[component]()
    monkeypatch.setattr(
        component, "register_outputs", lambda self, outputs: registered.update(outputs)
    )

    run(lambda: component("name", args))

    assert set(registered) == {
        camel(name) for name in component.__annotations__ if name not in RESOURCES
    }


@pytest.mark.parametrize("name", components.__all__)
def test_help_says_what_it_is(name):
    found = getattr(components, name)
    assert (inspect.getdoc(found) or "").strip()
    assert not inspect.getdoc(found).startswith(f"{name}("), "what a dataclass writes by itself"
