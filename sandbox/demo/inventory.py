"""What both clouds hold, by name, to see that a destroyed stack left nothing."""

from typing import Any

from sandbox.accounts import client
from sandbox.clouds import Clouds
from sandbox.demo.administrator import okta


def inventory(clouds: Clouds, account: str) -> set[str]:
    """Everything in both clouds of the kinds that the program creates."""
    return aws_inventory(clouds, account) | okta_inventory(clouds)


def aws_inventory(clouds: Clouds, account: str) -> set[str]:
    iam = client(clouds, "iam", account)

    def every(operation: str, field: str) -> list[dict[str, Any]]:
        pages = iam.get_paginator(operation).paginate()
        return [entry for page in pages for entry in page[field]]

    users = every("list_users", "Users")
    providers = iam.list_saml_providers()["SAMLProviderList"]
    local = iam.get_paginator("list_policies").paginate(Scope="Local")
    entries = [*users, *every("list_roles", "Roles"), *every("list_groups", "Groups"), *providers]
    entries += [policy for page in local for policy in page["Policies"]]
    keys = [
        f"access key {found['AccessKeyId']}"
        for user in users
        for found in iam.list_access_keys(UserName=user["UserName"])["AccessKeyMetadata"]
    ]
    return {entry["Arn"] for entry in entries} | set(keys)


def okta_inventory(clouds: Clouds) -> set[str]:
    with okta(clouds) as api:
        lists = {
            kind: api.get(f"/api/v1/{kind}", params={"limit": 200}).raise_for_status().json()
            for kind in ("apps", "groups", "users")
        }
    return {f"{kind} {entry['id']}" for kind, entries in lists.items() for entry in entries}
