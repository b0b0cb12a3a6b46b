"""A change that would lock people out of a protected stack is refused; taking access away is not.

One stack's life, in order: each test goes on where the one before left it.
"""

import pytest
import yaml

from sandbox.errors import SandboxError
from tests.logins import Logins

ACCOUNT = "123456789012"
STACK = yaml.safe_load("""
accounts: { main: { id: "123456789012", region: us-east-1 } }
app: { label: AWS Account Federation, provider: Okta }
roles: { OktaDeveloper: { managedPolicies: [AmazonEC2ReadOnlyAccess, SecurityAudit] } }
provisioning: { keys: [first, second], integration: done }
groups:
  AWSDeveloper:
    roles: [OktaDeveloper]
    members: [ada@example.com, grace@example.com]
tags: { owner: identity }
protect: true
""")


@pytest.fixture(scope="module")
def bench(bench_of):
    with bench_of(ACCOUNT) as bench:
        bench.write({**STACK, "provisioning": {**STACK["provisioning"], "integration": "pending"}})
        bench.up()
        bench.do_the_provisioning_tab()
        bench.write(STACK)
        bench.up()
        yield bench


def provider(bench):
    [found] = bench.aws("iam", ACCOUNT).list_saml_providers()["SAMLProviderList"]
    return found["Arn"].rpartition("/")[2]


@pytest.mark.parametrize(
    "change",
    [
        {"app": {**STACK["app"], "provider": "OktaTwo"}},
        {"accounts": {"production": STACK["accounts"]["main"]}},
        {
            "roles": {"Developer": {}},
            "groups": {"AWSDeveloper": {**STACK["groups"]["AWSDeveloper"], "roles": ["Developer"]}},
        },
    ],
    ids=["of the provider", "of the account", "of a role"],
)
def test_another_name_is_refused_in_a_preview(bench, change):
    bench.write({**STACK, **change})

    with pytest.raises(SandboxError, match=r"marked for protection|it is protected") as refused:
        bench.stack.run("preview", "--stack", "features")

    assert "Traceback" not in str(refused.value)


def test_without_a_preview_another_provider_is_refused_before_okta_is_told_of_it(bench):
    before = bench.inventory()
    bench.write({**STACK, "app": {**STACK["app"], "provider": "OktaTwo"}})

    with pytest.raises(
        SandboxError, match=r"federation-provider-name\"\s+as it is currently marked"
    ):
        bench.stack.up()

    assert bench.inventory() == before
    assert bench.enter("ada@example.com").caller().endswith("OktaDeveloper/ada@example.com")


def test_people_policies_and_keys_are_taken_away_all_the_same(bench):
    less = yaml.safe_load(yaml.safe_dump(STACK))
    less["groups"]["AWSDeveloper"]["members"] = ["ada@example.com"]
    less["roles"]["OktaDeveloper"]["managedPolicies"] = ["AmazonEC2ReadOnlyAccess"]
    less["provisioning"]["keys"] = ["second"]
    bench.write(less)

    assert bench.up() == {"deleted": 3}
    with pytest.raises(SandboxError, match="App Not Assigned"):
        bench.enter("grace@example.com")
    [key] = bench.aws("iam", ACCOUNT).list_access_keys(UserName="OktaSSOuser")["AccessKeyMetadata"]
    assert key["AccessKeyId"] == bench.stack.outputs()["provisioningAccessKeyId"]


def test_a_rename_that_is_meant_is_done_once_protection_is_lifted(bench):
    meant = {**STACK, "protect": False}
    bench.write(meant)
    bench.up()
    session = bench.enter("ada@example.com")
    bench.write({**meant, "app": {**STACK["app"], "provider": "OktaTwo"}})

    bench.up()

    assert provider(bench) == "OktaTwo"
    assert session.caller(), "who is in stays in"
    assert bench.enter("ada@example.com").caller().endswith("OktaDeveloper/ada@example.com")
    bench.write(STACK | {"app": {**STACK["app"], "provider": "OktaTwo"}})
    assert bench.up() == {}, "protected again, and nothing else"


@pytest.mark.parametrize(
    ("old", "new"),
    [("OktaTwo", "Okta"), pytest.param("Okta", "OktaTwo", marks=pytest.mark.slow)],
)
def test_a_provider_is_renamed_in_steps_in_which_nobody_is_refused(bench, old, new):
    def deploy(provider, *additional):
        app = STACK["app"] | {"provider": provider, "additionalProviders": [*additional]}
        bench.write({**STACK, "protect": False, "app": app})
        return bench.up()

    deploy(old)
    with Logins(bench, "ada@example.com") as logins:
        deploy(old, new)
        swapped = deploy(new, old)
        deploy(new)

    assert logins.refused == []
    assert logins.count > 5
    assert "created" not in swapped
    assert "deleted" not in swapped
    assert provider(bench) == new
    assert deploy(new) == {}


def test_another_name_of_the_account_can_not_delete_the_provider_that_is_in_use(bench):
    """Unprotected, AWS itself refuses a second provider of the name, before the first one goes."""
    config = {**STACK, "protect": False, "app": {**STACK["app"], "provider": "OktaTwo"}}
    bench.write(config)
    bench.up()
    bench.write({**config, "accounts": {"production": STACK["accounts"]["main"]}})

    with pytest.raises(SandboxError, match="EntityAlreadyExists"):
        bench.up()

    assert provider(bench) == "OktaTwo"
    assert bench.enter("ada@example.com").caller().endswith("OktaDeveloper/ada@example.com")
