"""Each partition's own sign-in page and ARNs, from the region alone."""

import pytest

ACCOUNT = "123456789012"


@pytest.mark.parametrize(
    ("partition", "region", "host"),
    [
        ("aws-us-gov", "us-gov-west-1", "signin.amazonaws-us-gov.com"),
        pytest.param("aws-cn", "cn-north-1", "signin.amazonaws.cn", marks=pytest.mark.slow),
    ],
)
def test_both_clouds_are_told_the_partition_s_own_sign_in_page(bench_of, partition, region, host):
    stack_file = {
        "accounts": {"main": {"id": ACCOUNT, "region": region}},
        "app": {"signInRegion": region},
        "roles": {"OktaDeveloper": {"managedPolicies": ["AmazonEC2ReadOnlyAccess"]}},
        "provisioning": {"integration": "done"},
        "groups": {"AWSDeveloper": {"roles": ["OktaDeveloper"], "members": ["ada@example.com"]}},
    }
    with bench_of(ACCOUNT, partition=partition, region=region, strict_roles=False) as bench:
        before = bench.inventory()
        bench.write(stack_file)
        assert set(bench.up()) == {"created"}

        role = bench.aws("iam", ACCOUNT).get_role(RoleName="OktaDeveloper")["Role"]
        [statement] = role["AssumeRolePolicyDocument"]["Statement"]
        provider = f"arn:{partition}:iam::{ACCOUNT}:saml-provider/Okta"
        assert statement["Principal"]["Federated"] == provider
        assert statement["Condition"]["StringEquals"]["SAML:aud"] == sorted(
            [f"https://{host}/saml", f"https://{region}.{host}/saml"]
        )
        app = bench.okta("GET", f"/api/v1/apps/{bench.stack.outputs()['appId']}")["settings"]["app"]
        assert app["identityProviderArn"] == provider
        assert app["overrideAcsURL"] == f"https://{region}.{host}/saml"

        assert bench.up() == {}, "a second up changes nothing"
        bench.stack.destroy()
        assert bench.inventory() == before
