"""Where an access key is kept for the person who types it into Okta's Provisioning tab."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from pulumi import Input, Output, ResourceOptions
from pulumi_aws import secretsmanager, ssm


class StoreKind(Enum):
    PARAMETER = "ssm"
    SECRET = "secretsmanager"  # noqa: S105 - the name of a service


@dataclass(frozen=True, kw_only=True)
class SecretStore:
    kind: StoreKind
    """SSM Parameter Store (a SecureString), or Secrets Manager."""

    secret_name: str
    """The parameter's or secret's name."""

    kms_key: Input[str] | None = None
    """Id, alias or ARN of a KMS key; None: the account's default key of the service."""


def keep(
    name: str,
    store: SecretStore,
    key: Mapping[str, Input[str]],
    tags: Mapping[str, str],
    child: ResourceOptions,
) -> None:
    """Keep the key, as JSON, where only who may read it there finds it."""
    value = Output.json_dumps(key)  # a secret, since the key's secret is one
    if store.kind is StoreKind.PARAMETER:
        ssm.Parameter(
            f"{name}-parameter",
            name=store.secret_name,
            type="SecureString",
            value=value,
            key_id=store.kms_key,
            tags=tags or None,
            opts=child,
        )
        return
    secret = secretsmanager.Secret(
        f"{name}-secret",
        name=store.secret_name,
        kms_key_id=store.kms_key,
        # Without a window, so that the same name can be used again after a `pulumi destroy`.
        recovery_window_in_days=0,
        tags=tags or None,
        opts=child,
    )
    secretsmanager.SecretVersion(
        f"{name}-secret-version", secret_id=secret.id, secret_string=value, opts=child
    )
