"""Which IAM action a call needs: mostly service and operation, with the exceptions.

Source: Service Authorization Reference, the pages of each service.
"""

from collections.abc import Mapping

from sandbox.aws.api_request import ApiRequest

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
