"""The request context: the condition keys that AWS fills in for a call.

Source: IAM User Guide, "AWS global condition context keys" and "IAM and AWS STS condition context
keys"; Service Authorization Reference for `s3:` and `ec2:` keys.
"""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl

from okta_aws_federation.iam.matching import ContextValue
from sandbox.aws.api_request import ApiRequest
from sandbox.aws.caller import Caller
from sandbox.aws.cloud import Cloud, entity_of

_TAG = re.compile(r"Tags?\.(?:member\.)?(\d+)\.(Key|Value)")
_TAG_KEY = re.compile(r"TagKeys\.(?:member\.)?\d+")


def request_context(cloud: Cloud, call: ApiRequest, caller: Caller) -> dict[str, ContextValue]:
    """All condition keys of a call, with values as policies compare them."""
    context = environment(cloud, call, caller.account)
    context |= _principal_keys(cloud, caller)
    context |= _request_tags(call)
    context |= _service_keys(cloud, call, caller)
    return context


def environment(cloud: Cloud, call: ApiRequest, account: str) -> dict[str, ContextValue]:
    """The keys that are there whoever calls."""
    now = cloud.now()
    context: dict[str, ContextValue] = {
        "aws:CurrentTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:EpochTime": str(int(now.timestamp())),
        "aws:SourceIp": call.source_ip,
        "aws:SecureTransport": str(call.secure).lower(),
        "aws:RequestedRegion": requested_region(cloud, call, account),
    }
    if "user-agent" in call.headers:
        context["aws:UserAgent"] = call.headers["user-agent"]
    return context


def requested_region(cloud: Cloud, call: ApiRequest, account: str) -> str:
    """That of the signature; IAM is in one place, whatever a client with our address signs for."""
    if call.scope is None or call.service == "iam":
        return cloud.accounts[account].home_region
    return call.scope.region


def _principal_keys(cloud: Cloud, caller: Caller) -> dict[str, ContextValue]:
    session = caller.session
    context: dict[str, ContextValue] = {
        "aws:PrincipalAccount": caller.account,
        "aws:PrincipalIsAWSService": "false",
        "aws:ViaAWSService": "false",
        "aws:userid": caller.user_id,
    }
    tags: dict[str, str] = {}
    if caller.user is not None:
        context["aws:PrincipalType"] = "User"
        context["aws:PrincipalArn"] = caller.user.arn
        context["aws:username"] = caller.user.name
        tags |= {tag["Key"]: tag["Value"] for tag in caller.user.tags or ()}
    elif session is not None:
        context["aws:PrincipalType"] = "AssumedRole"
        context["aws:PrincipalArn"] = session.role_arn
        role = cloud.role(session.role_arn)
        tags |= {tag["Key"]: tag["Value"] for tag in role.tags} if role else {}
        context["aws:TokenIssueTime"] = session.issued.strftime("%Y-%m-%dT%H:%M:%SZ")
        context["aws:MultiFactorAuthPresent"] = "false"
        tags |= session.tags
        if session.source_identity:
            context["aws:SourceIdentity"] = session.source_identity
        if session.federated_provider:
            context["aws:FederatedProvider"] = session.federated_provider
    return context | {f"aws:PrincipalTag/{key}": value for key, value in tags.items()}


def _request_tags(call: ApiRequest) -> dict[str, ContextValue]:
    tags = dict(_sent_tags(call))
    keys = [*tags, *(v for name, v in call.parameters.items() if _TAG_KEY.fullmatch(name))]
    context: dict[str, ContextValue] = {f"aws:RequestTag/{k}": v for k, v in tags.items()}
    if keys:
        context["aws:TagKeys"] = tuple(keys)
    return context


def _sent_tags(call: ApiRequest) -> Iterator[tuple[str, str]]:
    pairs: dict[str, dict[str, str]] = {}
    for name, value in call.parameters.items():
        match = _TAG.fullmatch(name)
        if match is not None:
            pairs.setdefault(match[1], {})[match[2]] = value
    for pair in pairs.values():
        yield pair.get("Key", ""), pair.get("Value", "")
    body_tags = call.json().get("Tags") if "x-amz-target" in call.headers else None
    for tag in body_tags if isinstance(body_tags, list) else ():
        if isinstance(tag, dict):
            yield str(tag.get("Key", "")), str(tag.get("Value", ""))


def _service_keys(cloud: Cloud, call: ApiRequest, caller: Caller) -> dict[str, ContextValue]:
    parameters = call.parameters
    if call.service == "iam":
        return _iam_keys(cloud, parameters, caller)
    if call.service == "sts":
        return {key: parameters[name] for name, key in _STS.items() if name in parameters}
    if call.service == "ec2" and call.scope is not None:
        return {"ec2:Region": call.scope.region}
    if call.service == "s3":
        query = dict(parse_qsl(call.query, keep_blank_values=True))
        return {
            f"s3:{key}": query[key] for key in ("prefix", "delimiter", "max-keys") if key in query
        }
    return {}


_STS: Mapping[str, str] = {
    "ExternalId": "sts:ExternalId",
    "RoleSessionName": "sts:RoleSessionName",
    "SourceIdentity": "sts:SourceIdentity",
}


def _iam_keys(
    cloud: Cloud, parameters: Mapping[str, str], caller: Caller
) -> dict[str, ContextValue]:
    context: dict[str, ContextValue] = {}
    if "PolicyArn" in parameters:
        context["iam:PolicyARN"] = parameters["PolicyArn"]
    entity = entity_of(cloud.iam(caller.account), parameters)
    boundary = parameters.get("PermissionsBoundary") or getattr(
        entity, "permissions_boundary_arn", None
    )
    if boundary:
        context["iam:PermissionsBoundary"] = boundary
    for tag in getattr(entity, "tags", None) or ():
        context[f"aws:ResourceTag/{tag['Key']}"] = tag["Value"]
        context[f"iam:ResourceTag/{tag['Key']}"] = tag["Value"]
    return context
