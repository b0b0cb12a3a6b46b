"""The alias of an account, of which it can have one."""

from sandbox.plugins.aws.account import Account
from sandbox.plugins.aws.service import error_context
from sandbox.plugins.schema import Input, Resource
from sandbox.plugins.values import Values


def create(account: Account, inputs: Values) -> tuple[str, Values]:
    alias = inputs["accountAlias"]
    with error_context(f"creating IAM Account Alias ({alias})"):
        account.iam("CreateAccountAlias", AccountAlias=alias)
    return alias, {}


def read(account: Account, alias: str, state: Values) -> Values | None:
    with error_context(f"reading IAM Account Alias ({alias})"):
        aliases = account.iam.list_all("ListAccountAliases", "AccountAliases")
    return {"accountAlias": alias} if alias in aliases else None


def delete(account: Account, alias: str, state: Values) -> None:
    with error_context(f"deleting IAM Account Alias ({alias})"):
        account.iam.if_exists("DeleteAccountAlias", AccountAlias=alias)


ACCOUNT_ALIAS = Resource(
    type="aws:iam/accountAlias:AccountAlias",
    inputs={"accountAlias": Input(required=True, replaces=True)},
    create=create,
    read=read,
    delete=delete,
    reads_after=lambda inputs, changed: False,
    delete_before_replace=True,
)
