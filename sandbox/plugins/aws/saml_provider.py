"""SAML providers."""

from sandbox.plugins.aws import tags
from sandbox.plugins.aws.account import Account
from sandbox.plugins.aws.documents import rfc3339
from sandbox.plugins.aws.service import error_context
from sandbox.plugins.schema import Calls, Changed, Input, Resource, Values
from sandbox.plugins.validation import length, matching


def create(account: Account, inputs: Values) -> tuple[str, Values]:
    with error_context(f"creating IAM SAML Provider ({inputs['name']})"):
        made = account.iam(
            "CreateSAMLProvider",
            Name=inputs["name"],
            SAMLMetadataDocument=inputs["samlMetadataDocument"],
            **tags.tags_argument(inputs),
        )
    return made["SAMLProviderArn"], {}


def read(account: Account, arn: str, state: Values) -> Values | None:
    with error_context(f"reading IAM SAML Provider ({arn})"):
        response = account.iam.if_exists("GetSAMLProvider", SAMLProviderArn=arn)
    if response is None:
        return None
    return {
        "arn": arn,
        "name": arn.rpartition("/")[2],
        "samlMetadataDocument": response["SAMLMetadataDocument"],
        "samlProviderUuid": response.get("SAMLProviderUUID"),
        "validUntil": rfc3339(response["ValidUntil"]) if "ValidUntil" in response else None,
        **tags.tag_outputs(account, response.get("Tags"), state),
    }


def update(account: Account, arn: str, state: Values, inputs: Values, changed: Changed) -> None:
    with error_context(f"updating IAM SAML Provider ({arn})"):
        if "samlMetadataDocument" in changed:
            document = inputs["samlMetadataDocument"]
            account.iam("UpdateSAMLProvider", SAMLProviderArn=arn, SAMLMetadataDocument=document)
        tag, untag = "TagSAMLProvider", "UntagSAMLProvider"
        tags.update_tags(account.iam, tag, untag, state, inputs, SAMLProviderArn=arn)


def delete(account: Account, arn: str, state: Values) -> None:
    with error_context(f"deleting IAM SAML Provider ({arn})"):
        account.iam.if_exists("DeleteSAMLProvider", SAMLProviderArn=arn)


SAML_PROVIDER = Resource(
    type="aws:iam/samlProvider:SamlProvider",
    inputs={
        "name": Input(generated=255, replaces=True, valid=(length(1, 128), matching(r"[\w._-]"))),
        "samlMetadataDocument": Input(required=True, valid=(length(1000, 10_000_000),)),
        **tags.TAGS,
    },
    outputs=("arn", "samlProviderUuid", "validUntil"),
    calls=Calls(create, read, update, delete),
    derived=tags.with_defaults,
)
