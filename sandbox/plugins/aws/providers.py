"""SAML providers."""

from sandbox.plugins import checks
from sandbox.plugins.aws.account import Account, ask, ask_or_none, moment, retag, tag_list, tag_map
from sandbox.plugins.schema import Input, Kind, Values


def create(account: Account, inputs: Values) -> tuple[str, Values]:
    made = ask(
        account,
        f"creating IAM SAML Provider ({inputs['name']})",
        account.iam.create_saml_provider,
        Name=inputs["name"],
        SAMLMetadataDocument=inputs["samlMetadataDocument"],
        Tags=tag_list(account.default_tags | inputs.get("tags", {})),
    )
    arn = made["SAMLProviderArn"]
    return arn, read(account, arn, {}) or {}


def read(account: Account, arn: str, state: Values) -> Values | None:
    found = ask_or_none(
        account,
        f"reading IAM SAML Provider ({arn})",
        account.iam.get_saml_provider,
        SAMLProviderArn=arn,
    )
    if found is None:
        return None
    tags = tag_map(found.get("Tags"))
    return {
        "arn": arn,
        "name": arn.rpartition("/")[2],
        "samlMetadataDocument": found["SAMLMetadataDocument"],
        "samlProviderUuid": found.get("SAMLProviderUUID"),
        "validUntil": moment(found["ValidUntil"]),
        "tags": {key: value for key, value in tags.items() if key not in account.default_tags},
        "tagsAll": tags,
    }


def update(account: Account, arn: str, old: Values, new: Values) -> Values:
    if old["samlMetadataDocument"] != new["samlMetadataDocument"]:
        ask(
            account,
            f"updating IAM SAML Provider ({arn})",
            account.iam.update_saml_provider,
            SAMLProviderArn=arn,
            SAMLMetadataDocument=new["samlMetadataDocument"],
        )
    iam = account.iam
    retag(account, old, new, iam.tag_saml_provider, iam.untag_saml_provider, SAMLProviderArn=arn)
    return read(account, arn, {}) or {}


def delete(account: Account, arn: str, state: Values) -> None:
    ask_or_none(
        account,
        f"deleting IAM SAML Provider ({arn})",
        account.iam.delete_saml_provider,
        SAMLProviderArn=arn,
    )


KINDS = (
    Kind(
        type="aws:iam/samlProvider:SamlProvider",
        inputs=(
            Input("name", replaces=True),
            Input("samlMetadataDocument", required=True, check=checks.metadata_length),
            Input("tags"),
            Input("tagsAll"),
        ),
        outputs=("arn", "samlProviderUuid", "validUntil"),
        longest_name=128,
        create=create,
        read=read,
        update=update,
        delete=delete,
    ),
)
