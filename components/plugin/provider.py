"""The provider that creates components for programs in other languages."""

from collections.abc import Callable
from typing import Any

from pulumi import ComponentResource, Inputs, ResourceOptions
from pulumi.errors import InputPropertyError
from pulumi.provider import ConstructResult, Provider

from components.errors import InvalidArgs

from .arguments import build
from .schema import COMPONENTS, package_schema


class FederationProvider(Provider):
    """Serves the components under the names that they have in Python."""

    def __init__(self, version: str) -> None:
        schema, self.outputs = package_schema(version)
        super().__init__(version, schema)

    def construct(
        self, name: str, resource_type: str, inputs: Inputs, options: ResourceOptions | None = None
    ) -> ConstructResult:
        """Create a component. What its arguments refuse is one line on the engine's screen."""
        kind = resource_type.rpartition(":")[2]
        component = {each.__name__: each for each in COMPONENTS}[kind]
        try:
            args: Any = build(COMPONENTS[component], inputs)
        except InvalidArgs as error:
            raise InputPropertyError("args", str(error)) from None
        create: Callable[..., ComponentResource] = component
        made = create(name, args, options)
        state = {key: getattr(made, attribute) for key, attribute in self.outputs[kind].items()}
        return ConstructResult(
            made.urn, {key: each for key, each in state.items() if each is not None}
        )
