"""Which IAM action a call needs, and which resources it touches, as policies name them.

Source: Service Authorization Reference, the pages of each service and "Resource types" of each
action. An action that has none, or that is not in this table, is decided on `*`: only a statement
for all resources allows it.
"""

from collections.abc import Callable, Mapping
from urllib.parse import unquote

from moto.secretsmanager.models import secretsmanager_backends

from sandbox.aws.api_request import ApiRequest
from sandbox.aws.caller import Caller
from sandbox.aws.cloud import Cloud, entity_of
from sandbox.aws.context import requested_region

_PREFIXES: Mapping[str, str] = {"monitoring": "cloudwatch", "email": "ses"}
_S3: Mapping[str, str] = {
    "ListBuckets": "ListAllMyBuckets",
    "HeadBucket": "ListBucket",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "HeadObject": "GetObject",
    "CopyObject": "PutObject",
    "PostObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "ListParts": "ListMultipartUploadParts",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "DeleteObjects": "DeleteObject",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "GetBucketReplication": "GetReplicationConfiguration",
    "PutBucketReplication": "PutReplicationConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "DeleteBucketTagging": "PutBucketTagging",
    "DeleteBucketCors": "PutBucketCORS",
}
_LAMBDA: Mapping[str, str] = {"Invoke": "InvokeFunction"}
_RENAMED: Mapping[str, Mapping[str, str]] = {"s3": _S3, "lambda": _LAMBDA}


def iam_action(call: ApiRequest) -> str:
    """The action as policies name it, such as `s3:ListAllMyBuckets` for S3's ListBuckets."""
    operation = call.action or "Unknown"
    renamed = _RENAMED.get(call.service, {})
    return f"{_PREFIXES.get(call.service, call.service)}:{renamed.get(operation, operation)}"


EVERYTHING = ("*",)
_Names = tuple[str, ...]
# In the order in which they decide: a call that names a group and a user is about the group.
_IAM_ENTITIES = (
    ("GroupName", "group"),
    ("InstanceProfileName", "instance-profile"),
    ("RoleName", "role"),
    ("UserName", "user"),
)
_OWN_USER_ACTIONS = ("AccessKey", "LoginProfile", "GetUser", "SigningCertificate")


def request_resources(cloud: Cloud, call: ApiRequest, caller: Caller) -> _Names:
    """The ARNs on which the call must be allowed, each of them."""
    find = _FINDERS.get(call.service)
    return (find(cloud, call, caller) if find else ()) or EVERYTHING


def _iam(cloud: Cloud, call: ApiRequest, caller: Caller) -> _Names:
    action, parameters = call.action or "", call.parameters
    if action == "CreatePolicy":
        new = f"policy{parameters.get('Path', '/')}{parameters['PolicyName']}"
        return (cloud.arn(caller.account, new),)
    if action == "CreateSAMLProvider":
        return (cloud.arn(caller.account, f"saml-provider/{parameters.get('Name', '')}"),)
    for parameter in ("SAMLProviderArn", "OpenIDConnectProviderArn"):
        if parameter in parameters:
            return (parameters[parameter],)
    for parameter, kind in _IAM_ENTITIES:
        if parameter in parameters:
            iam, name = cloud.iam(caller.account), parameters[parameter]
            is_profile = kind == "instance-profile"
            entity = iam.instance_profiles.get(name) if is_profile else entity_of(iam, parameters)
            new = f"{kind}{parameters.get('Path', '/')}{name}"
            return (str(entity.arn) if entity else cloud.arn(caller.account, new),)
    if "PolicyArn" in parameters or "PolicySourceArn" in parameters:
        return (parameters.get("PolicyArn") or parameters["PolicySourceArn"],)
    if caller.user is not None and any(word in action for word in _OWN_USER_ACTIONS):
        return (caller.user.arn,)
    return ()


def _sts(cloud: Cloud, call: ApiRequest, caller: Caller) -> _Names:
    return (call.parameters["RoleArn"],) if "RoleArn" in call.parameters else ()


def _s3(cloud: Cloud, call: ApiRequest, caller: Caller) -> _Names:
    bucket, _, key = unquote(call.path).lstrip("/").partition("/")
    if not bucket:
        return ()
    return (f"arn:{cloud.accounts[caller.account].name}:s3:::{bucket}{f'/{key}' if key else ''}",)


def _ec2(cloud: Cloud, call: ApiRequest, caller: Caller) -> _Names:
    region = requested_region(cloud, call, caller.account)
    here = f"arn:{cloud.accounts[caller.account].name}:ec2:{region}:{caller.account}"
    action = call.action or ""
    if action.startswith("Describe"):
        return ()
    if action == "RunInstances":
        identifier = call.parameters.get("ImageId", "*")
        image = f"arn:{cloud.accounts[caller.account].name}:ec2:{region}::image/{identifier}"
        return (image, f"{here}:instance/*", f"{here}:network-interface/*", f"{here}:volume/*")
    named = [
        f"{here}:{kind}/{value}"
        for name, value in sorted(call.parameters.items())
        for prefix, kind in _EC2_PARAMETERS.items()
        if name == prefix or name.rpartition(".")[0] == prefix
    ]
    return tuple(named)


_EC2_PARAMETERS: Mapping[str, str] = {
    "InstanceId": "instance",
    "VolumeId": "volume",
    "VpcId": "vpc",
    "SubnetId": "subnet",
    "GroupId": "security-group",
}


def _ssm(cloud: Cloud, call: ApiRequest, caller: Caller) -> _Names:
    body = call.json()
    names = [body[key] for key in ("Name", "ResourceId") if isinstance(body.get(key), str)]
    names += [name for name in body.get("Names", []) if isinstance(name, str)]
    return tuple(
        _regional(cloud, call, caller, f"parameter/{name.removeprefix('/')}") for name in names
    )


def _secrets(cloud: Cloud, call: ApiRequest, caller: Caller) -> _Names:
    body = call.json()
    identifier = body.get("SecretId", body.get("Name"))
    if not isinstance(identifier, str):
        return ()
    region = requested_region(cloud, call, caller.account)
    secret = secretsmanager_backends[caller.account][region].secrets.get(identifier)
    if secret is not None:
        return (str(secret.arn),)
    named = identifier.startswith("arn:")
    return (identifier if named else _regional(cloud, call, caller, f"secret:{identifier}"),)


def _events(cloud: Cloud, call: ApiRequest, caller: Caller) -> _Names:
    """Rules of the default bus have no bus in their ARN."""
    body = call.json()
    if isinstance(body.get("ResourceARN"), str):
        return (body["ResourceARN"],)
    rule = body.get("Rule", body.get("Name"))
    if not isinstance(rule, str):
        return ()
    bus = body.get("EventBusName", "default")
    return (_regional(cloud, call, caller, f"rule/{'' if bus == 'default' else f'{bus}/'}{rule}"),)


def _regional(cloud: Cloud, call: ApiRequest, caller: Caller, resource: str) -> str:
    region = requested_region(cloud, call, caller.account)
    partition = cloud.accounts[caller.account].name
    return f"arn:{partition}:{call.service}:{region}:{caller.account}:{resource}"


_FINDERS: Mapping[str, Callable[[Cloud, ApiRequest, Caller], _Names]] = {
    "iam": _iam,
    "sts": _sts,
    "s3": _s3,
    "ec2": _ec2,
    "ssm": _ssm,
    "secretsmanager": _secrets,
    "events": _events,
}
