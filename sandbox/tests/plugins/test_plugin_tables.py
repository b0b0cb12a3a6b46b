"""The tables of the emulated plugins say of each type what the SDKs' own classes say."""

import importlib
import inspect
import re

import pytest

from sandbox.plugins.aws.package import PACKAGE as AWS
from sandbox.plugins.okta.package import PACKAGE as OKTA

RESOURCES = {resource.type: resource for package in (AWS, OKTA) for resource in package.resources}
FILLED_IN_BY_THE_PLUGIN = {"tagsAll"}


def sdk(kind):
    """The SDK's class for a type, and that of its arguments."""
    package, module, *_, name = re.split("[:/]", kind)
    path = f"pulumi_{package}" if module == "index" else f"pulumi_{package}.{module}"
    found = importlib.import_module(path)
    return getattr(found, name), getattr(found, f"{name}Args")


def on_the_wire(arguments):
    """Name on the wire -> whether it is required."""
    parameters = inspect.signature(arguments.__init__).parameters
    return {
        getattr(getattr(arguments, key).fget, "_pulumi_name", key): (
            parameter.default is inspect.Parameter.empty
        )
        for key, parameter in parameters.items()
        if key not in ("self", "__self__")
    }


def properties(cls):
    return {
        getattr(value.fget, "_pulumi_name", key)
        for key, value in vars(cls).items()
        if isinstance(value, property)
    }


@pytest.mark.parametrize("kind", sorted(RESOURCES))
def test_a_type_has_the_arguments_of_the_sdk_and_requires_the_same(kind):
    ours = {name: one.required for name, one in RESOURCES[kind].inputs.items()}
    theirs = on_the_wire(sdk(kind)[1])

    assert ours.keys() - FILLED_IN_BY_THE_PLUGIN == theirs.keys()
    assert {name for name in ours if ours[name]} == {name for name in theirs if theirs[name]}


@pytest.mark.parametrize("kind", sorted(RESOURCES))
def test_a_type_has_the_outputs_of_the_sdk(kind):
    resource = RESOURCES[kind]

    assert {*resource.inputs, *resource.outputs} == properties(sdk(kind)[0])


@pytest.mark.parametrize("kind", sorted(RESOURCES))
def test_a_type_keeps_the_secrets_of_the_sdk(kind):
    found = re.search(r"additional_secret_outputs=\[(.*?)\]", inspect.getsource(sdk(kind)[0]))
    theirs = set(re.findall(r'"(\w+)"', found[1])) if found else set()

    assert set(RESOURCES[kind].secrets) == theirs


@pytest.mark.parametrize("package", [AWS, OKTA], ids=lambda package: package.sdk)
def test_a_provider_has_the_arguments_and_secrets_of_the_sdk(package):
    module = importlib.import_module(package.sdk)
    found = re.search(r"additional_secret_outputs=\[(.*?)\]", inspect.getsource(module.Provider))

    assert package.arguments.keys() == on_the_wire(module.ProviderArgs).keys()
    assert set(package.secrets) == set(re.findall(r'"(\w+)"', found[1]))


@pytest.mark.parametrize("package", [AWS, OKTA], ids=lambda package: package.sdk)
def test_a_look_up_is_one_of_the_sdk(package):
    for token in package.lookups:
        module, _, function = re.split("[:/]", token)[1:]
        path = package.sdk if module == "index" else f"{package.sdk}.{module}"
        name = re.sub("([A-Z])", r"_\1", function).lower()
        assert callable(getattr(importlib.import_module(path), name)), token
