"""What a stack file expects of the access that it gives."""

from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from settings.conditions import condition_key
from settings.documents import Values
from settings.errors import invalid
from settings.section import Section, YamlList
from settings.types import Action, Arn, GroupName, Login


class ActionCheck(Section):
    """An action, alone or with what it is done to and under which conditions."""

    action: Action
    """Such as ec2:DescribeInstances. With wildcards: all that it stands for, or none of them."""
    resource: Arn | None = None
    """The resource's ARN. Without it, `can` is asked on `*`, and `cannot` on any resource."""
    context: dict[Annotated[str, AfterValidator(condition_key)], Values] = Field(
        default_factory=dict
    )
    """Condition keys of the request: {aws:PrincipalTag/team: blue}."""

    @model_validator(mode="before")
    @classmethod
    def an_action_alone(cls, value: Any) -> Any:
        return {"action": value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        whole = handler(schema)
        action = handler.resolve_ref_schema(whole)["properties"]["action"]
        return {"anyOf": [{**action, "type": "string"}, whole]}

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}" if self.resource else self.action


class Expectation(Section):
    """What a person, or whoever is in a group, must be able to do, and must not."""

    user: Login | None = None
    """The person, with all groups that this stack puts them into."""
    group: GroupName | None = None
    """Or a group: whoever is in it, and in no other."""
    can: YamlList[ActionCheck] = ()
    """What one of their roles allows."""
    cannot: YamlList[ActionCheck] = ()
    """What none of their roles allows."""

    @model_validator(mode="after")
    def of_a_person_or_a_group(self) -> Self:
        if (self.user is None) == (self.group is None):
            raise invalid("must be about either a user or a group", "write one of them")
        return self

    @model_validator(mode="after")
    def checks_something(self) -> Self:
        if not self.can and not self.cannot:
            raise invalid("checks nothing", "add actions to can or cannot")
        return self
