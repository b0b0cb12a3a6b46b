"""What a session holds, told by AWS and by the SAML response alone: the model has no part in it."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from sandbox.person import ATTRIBUTE
from tests.integration.oracle.calls import Call
from tests.integration.oracle.estates import REGIONS
from tests.second_evaluator import Asked

ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"


@dataclass(frozen=True)
class Held:
    """A role's policies and tags, as IAM reads them out."""

    identity: list[dict[str, Any]]
    boundary: list[dict[str, Any]] | None
    tags: dict[str, str]
    arn: str


def role_held(iam: Any, role: str, documents: dict[str, Any]) -> Held:
    """What the role holds now; `documents` remembers AWS's own policies, which do not change."""

    def document(arn: str) -> Any:
        if arn not in documents:
            version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            found = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]
            documents[arn] = found["Document"]
        return documents[arn]

    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    inline = [
        iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names
    ]
    attached = [
        document(each["PolicyArn"])
        for each in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    ]
    found = iam.get_role(RoleName=role)["Role"]
    limit = found.get("PermissionsBoundary")
    return Held(
        identity=[*inline, *attached],
        boundary=[document(limit["PermissionsBoundaryArn"])] if limit else None,
        tags={tag["Key"]: tag["Value"] for tag in found.get("Tags", [])},
        arn=found["Arn"],
    )


@dataclass(frozen=True)
class Claims:
    """What a SAML response says of the person, beside the roles."""

    name: str
    tags: dict[str, str]
    source_identity: str | None


def claims(response: str) -> Claims:
    document = etree.fromstring(base64.b64decode(response), etree.XMLParser(resolve_entities=False))
    said = {
        attribute.get("Name").removeprefix(ATTRIBUTES): "".join(attribute[0].itertext())
        for attribute in document.iter(ATTRIBUTE)
        if len(attribute)
    }
    tags = {
        name.removeprefix("PrincipalTag:"): value
        for name, value in said.items()
        if name.startswith("PrincipalTag:")
    }
    return Claims(said["RoleSessionName"], tags, said.get("SourceIdentity"))


def question(
    role: Held, said: Claims, call: Call, resource: str, where: tuple[str, str, str]
) -> Asked:
    """The question for the second evaluator; `where` is partition, account and region."""
    partition, account, region = where
    # IAM has one endpoint in a partition, in its first region.
    region = REGIONS[partition][0] if call.service == "iam" else region
    tags = {f"aws:PrincipalTag/{key}": value for key, value in {**role.tags, **said.tags}.items()}
    context = {
        **tags,
        "aws:CurrentTime": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "aws:PrincipalAccount": account,
        "aws:PrincipalArn": role.arn,
        "aws:PrincipalType": "AssumedRole",
        "aws:RequestedRegion": region,
        "aws:MultiFactorAuthPresent": "false",
        "aws:PrincipalIsAWSService": "false",
        "aws:ViaAWSService": "false",
        "aws:userid": f"AROA:{said.name}",
        **call.context,
    }
    if said.source_identity:
        context["aws:SourceIdentity"] = said.source_identity
    return Asked(
        action=call.action,
        resource=resource,
        context=context,
        identity=role.identity,
        boundary=role.boundary,
        session=None,
        of_resource=None,
        owner=account,
        account=account,
        region=region,
        caller=role.arn,
        source_ip="127.0.0.1",
        secure=False,
    )
