"""The condition keys of a role's trust policy for AssumeRoleWithSAML.

Source: IAM User Guide, "Available keys for SAML-based AWS STS federation" and "Mapping SAML
attributes to AWS trust policy context keys".
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping

from okta_aws_federation.iam.matching import ContextValue
from sandbox.aws.api_request import ApiRequest
from sandbox.aws.cloud import Cloud, account_of
from sandbox.aws.context import environment
from sandbox.aws.saml import Assertion
from sandbox.aws.session_policies import SessionRequest

_PERSON, _ORG = "urn:oid:1.3.6.1.4.1.5923.1.1.1.", "urn:oid:1.3.6.1.4.1.5923.1.2.1."
_CLAIM = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"

LISTS: Mapping[str, str] = {
    f"{_PERSON}1": "eduPersonAffiliation",
    f"{_PERSON}2": "eduPersonNickname",
    f"{_PERSON}4": "eduPersonOrgUnitDN",
    f"{_PERSON}7": "eduPersonEntitlement",
    f"{_PERSON}9": "eduPersonScopedAffiliation",
    f"{_PERSON}10": "eduPersonTargetedID",
    f"{_PERSON}11": "eduPersonAssurance",
    f"{_ORG}2": "eduOrgHomePageURI",
    f"{_ORG}3": "eduOrgIdentityAuthNPolicyURI",
    f"{_ORG}4": "eduOrgLegalName",
    f"{_ORG}5": "eduOrgSuperiorURI",
    f"{_ORG}6": "eduOrgWhitePagesURI",
    "urn:oid:2.5.4.3": "cn",
}
"""Attributes of any number of values, by name."""

_X500: Mapping[str, str] = {
    "2.5.4.3": "commonName",
    "2.5.4.4": "surname",
    "2.5.4.42": "givenName",
    "2.5.4.45": "x500UniqueIdentifier",
    "0.9.2342.19200300.100.1.1": "uid",
    "0.9.2342.19200300.100.1.3": "mail",
    "0.9.2342.19200300.100.1.45": "organizationStatus",
}
STRINGS: Mapping[str, str] = {
    f"{_PERSON}3": "eduPersonOrgDN",
    f"{_PERSON}5": "eduPersonPrimaryAffiliation",
    f"{_PERSON}6": "eduPersonPrincipalName",
    f"{_PERSON}8": "eduPersonPrimaryOrgUnitDN",
    f"{_CLAIM}name": "name",
    "http://schemas.xmlsoap.org/claims/CommonName": "commonName",
    f"{_CLAIM}givenname": "givenName",
    f"{_CLAIM}surname": "surname",
    f"{_CLAIM}emailaddress": "mail",
    "http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid": "uid",
    **_X500,
    **{f"urn:oid:{oid}": key for oid, key in _X500.items()},
    # As AWS's page prints three of them; no other object identifiers are meant.
    "2.4.5.42": "givenName",
    "0.9.2342.19200300100.1.1": "uid",
    "0.9.2342.19200300100.1.3": "mail",
}
"""Attributes of one value, by name. X.500's are taken with and without `urn:oid:`."""


def saml_context(
    cloud: Cloud,
    call: ApiRequest,
    assertion: Assertion,
    provider_arn: str,
    requested: SessionRequest,
) -> dict[str, ContextValue]:
    """All condition keys of a trust policy for SAML; `SAML:aud` is the recipient."""
    context = environment(cloud, call, account_of(provider_arn)) | dict(_attribute_keys(assertion))
    context |= {
        "saml:aud": assertion.recipient,
        "saml:iss": assertion.issuer,
        "saml:sub": assertion.subject,
        "saml:sub_type": assertion.subject_type,
        "saml:doc": f"{account_of(provider_arn)}/{provider_arn.rpartition('/')[2]}",
        "saml:namequalifier": name_qualifier(assertion.issuer, provider_arn),
        "sts:RoleSessionName": requested.name,
    }
    context |= {f"aws:RequestTag/{key}": value for key, value in requested.tags.items()}
    if requested.tags:
        context["aws:TagKeys"] = tuple(requested.tags)
    if requested.transitive:
        context["sts:TransitiveTagKeys"] = tuple(requested.transitive)
    if requested.source_identity:
        context["sts:SourceIdentity"] = requested.source_identity
    return context


def name_qualifier(issuer: str, provider_arn: str) -> str:
    """Base64(SHA-1(issuer + account + "/" + provider's name)), as the API reference has it."""
    text = f"{issuer}{account_of(provider_arn)}/{provider_arn.rpartition('/')[2]}"
    return base64.b64encode(hashlib.sha1(text.encode(), usedforsecurity=False).digest()).decode()


def _attribute_keys(assertion: Assertion) -> Iterator[tuple[str, ContextValue]]:
    """AWS maps one claim to a key where several could be; which one is not documented.

    The first one of the assertion counts here.
    """
    taken: set[str] = set()
    for name, values in assertion.attributes.items():
        if name in LISTS and LISTS[name] not in taken and values:
            taken.add(LISTS[name])
            yield f"saml:{LISTS[name]}", values
        if name in STRINGS and STRINGS[name] not in taken and values:
            taken.add(STRINGS[name])
            yield f"saml:{STRINGS[name]}", values[0]
