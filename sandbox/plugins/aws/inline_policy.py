"""Policies that belong to one role, user or group."""

from sandbox.plugins.aws import names
from sandbox.plugins.aws.account import Account
from sandbox.plugins.aws.documents import DOCUMENT, normalized
from sandbox.plugins.aws.propagation import until_visible
from sandbox.plugins.aws.service import error_context
from sandbox.plugins.schema import Calls, Changed, Input, Resource
from sandbox.plugins.validation import policy_document
from sandbox.plugins.values import Values


def inline_policy_resource(holder: str) -> Resource:
    """The type for a holder such as `role`. Ids are `<holder's name>:<policy's name>`."""
    kind = holder.capitalize()

    def where(identifier: str) -> dict[str, str]:
        holder_name, _, policy_name = identifier.partition(":")
        return {f"{kind}Name": holder_name, "PolicyName": policy_name}

    def put(account: Account, identifier: str, document: str) -> None:
        with error_context(f"putting IAM {kind} Policy ({identifier})"):
            account.iam(f"Put{kind}Policy", PolicyDocument=document, **where(identifier))

    def create(account: Account, inputs: Values) -> tuple[str, Values]:
        identifier = f"{inputs[holder]}:{names.resource_name(inputs)}"
        put(account, identifier, inputs["policy"])
        return identifier, {}

    def read(account: Account, identifier: str, state: Values) -> Values | None:
        with error_context(f"reading IAM {kind} Policy ({identifier})"):
            response = account.iam.if_exists(f"Get{kind}Policy", **where(identifier))
        if response is None:
            return None
        return {
            holder: response[f"{kind}Name"],
            "name": response["PolicyName"],
            "namePrefix": state.get("namePrefix", ""),
            "policy": normalized(response["PolicyDocument"]),
        }

    def update(
        account: Account, identifier: str, state: Values, inputs: Values, changed: Changed
    ) -> None:
        put(account, identifier, inputs["policy"])

    def delete(account: Account, identifier: str, state: Values) -> None:
        with error_context(f"deleting IAM {kind} Policy ({identifier})"):
            account.iam.if_exists(f"Delete{kind}Policy", **where(identifier))

    return Resource(
        type=f"aws:iam/{holder}Policy:{kind}Policy",
        inputs={
            holder: Input(required=True, replaces=True),
            **names.name_inputs(generated=255, longest=128),
            "policy": Input(value_type=DOCUMENT, required=True, valid=(policy_document,)),
        },
        calls=Calls(create, read, update, delete),
        read_created=until_visible(read),
    )


INLINE_POLICIES = tuple(inline_policy_resource(holder) for holder in ("role", "user", "group"))
