"""Access keys of IAM users. The secret is known at the creation and never again."""

import base64
import hashlib
import hmac

from sandbox.plugins.aws.account import Account
from sandbox.plugins.aws.documents import rfc3339
from sandbox.plugins.aws.service import error_context
from sandbox.plugins.schema import Calls, Changed, Input, Resource
from sandbox.plugins.validation import one_of
from sandbox.plugins.values import Values


def create(account: Account, inputs: Values) -> tuple[str, Values]:
    user, status = inputs["user"], inputs["status"]
    with error_context(f"creating IAM Access Key ({user})"):
        key = account.iam("CreateAccessKey", UserName=user)["AccessKey"]
        identifier = key["AccessKeyId"]
        if status != key["Status"]:
            account.iam("UpdateAccessKey", UserName=user, AccessKeyId=identifier, Status=status)
    secret = key["SecretAccessKey"]
    return identifier, {
        "createDate": rfc3339(key["CreateDate"]),
        "secret": secret,
        "sesSmtpPasswordV4": ses_smtp_password(secret, account.region),
    }


def read(account: Account, identifier: str, state: Values) -> Values | None:
    with error_context(f"reading IAM Access Key ({identifier})"):
        user = state.get("user") or _owner(account, identifier)
        if user is None:
            return None
        listing = "ListAccessKeys", "AccessKeyMetadata"
        response = account.iam.list_if_exists(*listing, UserName=user) or []
    for key in response:
        if key["AccessKeyId"] == identifier:
            return {"createDate": rfc3339(key["CreateDate"]), "status": key["Status"], "user": user}
    return None


def update(account: Account, key_id: str, state: Values, inputs: Values, changed: Changed) -> None:
    user, status = inputs["user"], inputs["status"]
    with error_context(f"updating IAM Access Key ({key_id})"):
        account.iam("UpdateAccessKey", UserName=user, AccessKeyId=key_id, Status=status)


def delete(account: Account, identifier: str, state: Values) -> None:
    """After a renaming of the user this finds nothing under the old name, and the key lives on."""
    with error_context(f"deleting IAM Access Key ({identifier})"):
        account.iam.if_exists("DeleteAccessKey", UserName=state["user"], AccessKeyId=identifier)


def _owner(account: Account, identifier: str) -> str | None:
    """An import knows the key's id only."""
    response = account.iam.if_exists("GetAccessKeyLastUsed", AccessKeyId=identifier)
    return str(response["UserName"]) if response else None


def ses_smtp_password(secret: str, region: str) -> str:
    """The key as a password for mail (SES Developer Guide, "Obtaining SMTP credentials")."""
    signature = f"AWS4{secret}".encode()
    for part in ("11111111", region, "ses", "aws4_request", "SendRawEmail"):
        signature = hmac.digest(signature, part.encode(), hashlib.sha256)
    return base64.b64encode(b"\x04" + signature).decode()


ACCESS_KEY = Resource(
    type="aws:iam/accessKey:AccessKey",
    inputs={
        "pgpKey": Input(replaces=True, supported=False),
        "status": Input(default="Active", valid=(one_of("Active", "Inactive"),)),
        "user": Input(required=True, replaces=True),
    },
    outputs=(
        "createDate",
        "encryptedSecret",
        "encryptedSesSmtpPasswordV4",
        "keyFingerprint",
        "secret",
        "sesSmtpPasswordV4",
    ),
    secrets=("secret", "sesSmtpPasswordV4"),
    calls=Calls(create, read, update, delete),
    reads_after=lambda inputs, changed: bool(changed),
)
