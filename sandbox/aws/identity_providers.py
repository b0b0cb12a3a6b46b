"""SAML providers of IAM, where moto checks nothing, drops tags and loses documents.

Source: IAM API Reference, the actions on SAML providers.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.iam.models import SAMLProvider

from sandbox.aws.api_request import ApiRequest
from sandbox.aws.caller import Caller
from sandbox.aws.cloud import Cloud
from sandbox.aws.errors import AwsError
from sandbox.aws.metadata import parse_metadata
from sandbox.aws.quotas import check_tags

_MOST = 100


@dataclass
class Extra:
    """What moto's provider has no room for."""

    uuid: str = field(default_factory=lambda: f"SAMLSP{secrets.token_hex(8).upper()}")
    tags: dict[str, str] = field(default_factory=dict)


def create(cloud: Cloud, call: ApiRequest, caller: Caller) -> dict[str, object]:
    """CreateSAMLProvider: reads the document, refuses a name twice, stores tags."""
    arguments = call.arguments
    _check_unencrypted(arguments)
    name, document = arguments["Name"], arguments["SAMLMetadataDocument"]
    parse_metadata(document)
    iam = cloud.iam(caller.account)
    if name in iam.saml_providers:
        raise AwsError("EntityAlreadyExists", f"SAMLProvider with name {name} already exists.", 409)
    if len(iam.saml_providers) >= _MOST:
        raise AwsError(
            "LimitExceeded", f"Cannot exceed quota for SAMLProvidersPerAccount: {_MOST}", 409
        )
    provider = iam.create_saml_provider(name, document)
    provider.region_name = cloud.accounts[caller.account].home_region
    _add_tags(provider, arguments)
    return {"SAMLProviderArn": provider.arn, "Tags": _shown(provider)}


def update(cloud: Cloud, call: ApiRequest, caller: Caller) -> dict[str, object]:
    """Without a document it changes nothing of the document."""
    arguments = call.arguments
    _check_unencrypted(arguments)
    provider = find(cloud, call, caller)
    if "SAMLMetadataDocument" in arguments:
        parse_metadata(arguments["SAMLMetadataDocument"])
        provider.saml_metadata_document = arguments["SAMLMetadataDocument"]
    return {"SAMLProviderArn": provider.arn}


def read(cloud: Cloud, call: ApiRequest, caller: Caller) -> dict[str, object]:
    """GetSAMLProvider: ValidUntil is that of the last certificate."""
    provider = find(cloud, call, caller)
    return {
        "SAMLProviderUUID": extra(provider).uuid,
        "SAMLMetadataDocument": provider.saml_metadata_document,
        "CreateDate": provider.create_date,
        "ValidUntil": valid_until(provider),
        "Tags": _shown(provider),
    }


def list_all(cloud: Cloud, call: ApiRequest, caller: Caller) -> dict[str, object]:
    """ListSAMLProviders."""
    providers = cloud.iam(caller.account).saml_providers.values()
    entries = [
        {"Arn": one.arn, "ValidUntil": valid_until(one), "CreateDate": one.create_date}
        for one in providers
    ]
    return {"SAMLProviderList": entries}


def delete(cloud: Cloud, call: ApiRequest, caller: Caller) -> dict[str, object]:
    """DeleteSAMLProvider: of one that is there."""
    provider = find(cloud, call, caller)
    del cloud.iam(caller.account).saml_providers[provider.name]
    return {}


def tag(cloud: Cloud, call: ApiRequest, caller: Caller) -> dict[str, object]:
    """TagSAMLProvider."""
    _add_tags(find(cloud, call, caller), call.arguments)
    return {}


def untag(cloud: Cloud, call: ApiRequest, caller: Caller) -> dict[str, object]:
    """UntagSAMLProvider."""
    tags = extra(find(cloud, call, caller)).tags
    for key in call.arguments.get("TagKeys", []):
        tags.pop(key, None)
    return {}


def list_tags(cloud: Cloud, call: ApiRequest, caller: Caller) -> dict[str, object]:
    """ListSAMLProviderTags."""
    return {"Tags": _shown(find(cloud, call, caller)), "IsTruncated": False}


def find(cloud: Cloud, call: ApiRequest, caller: Caller) -> SAMLProvider:
    """The provider with the ARN of the request. Raises AwsError NoSuchEntity."""
    arn = call.parameters.get("SAMLProviderArn", "")
    providers = cloud.iam(caller.account).saml_providers.values()
    for provider in providers:
        if provider.arn == arn:
            return provider
    raise AwsError("NoSuchEntity", f"Could not find SAMLProvider with arn {arn}", 404)


def valid_until(provider: SAMLProvider) -> datetime:
    """When the last of the provider's certificates ends."""
    return parse_metadata(provider.saml_metadata_document or "").valid_until


def extra(provider: SAMLProvider) -> Extra:
    """The part of a provider that moto has no room for; made at the first use."""
    if not hasattr(provider, "sandbox"):
        provider.sandbox = Extra()  # type: ignore[attr-defined]
    stored: Extra = provider.sandbox  # type: ignore[attr-defined]
    return stored


def _check_unencrypted(arguments: Mapping[str, object]) -> None:
    if any(name in arguments for name in ("AssertionEncryptionMode", "AddPrivateKey")):
        raise AwsError(
            "NotImplemented", "Encrypted assertions are not implemented in this sandbox", 501
        )


def _add_tags(provider: SAMLProvider, arguments: Mapping[str, Any]) -> None:
    added = {tag["Key"]: tag["Value"] for tag in arguments.get("Tags", [])}
    if len({key.lower() for key in added}) < len(arguments.get("Tags", [])):
        raise AwsError("InvalidInput", "Duplicate tag keys found.")
    tags = extra(provider).tags
    check_tags(tags, arguments.get("Tags", []))
    tags.update(added)


def _shown(provider: SAMLProvider) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(extra(provider).tags.items())]
