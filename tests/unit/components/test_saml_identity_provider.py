import json

import pulumi
import pytest
from pulumi_aws import iam

from components import (
    FederatedRole,
    FederatedRoleArgs,
    GroupMapping,
    OktaAwsApp,
    SamlIdentityProvider,
    SamlIdentityProviderArgs,
)

TWO = "222222222222"


def further(cloud, **changes):
    """A further account's provider, with the AWS provider in the options."""
    import pulumi_aws as aws

    provider = aws.Provider("two", region="us-east-1", allowed_account_ids=[TWO])
    args = SamlIdentityProviderArgs(**({"account_id": TWO, "metadata": cloud.metadata} | changes))
    return SamlIdentityProvider(
        "federation-two", args, pulumi.ResourceOptions(providers=[provider])
    )


def test_a_further_account_trusts_the_apps_metadata_by_the_provider_of_the_options(
    run, cloud, app_args
):
    arns = []

    def program():
        app = OktaAwsApp("federation", app_args(group_mapping=GroupMapping()))
        further(cloud, metadata=app.metadata).saml_provider_arn.apply(arns.append)

    run(program)

    providers = cloud.of(iam.SamlProvider)
    assert set(providers) == {"federation-main-Okta", "federation-two-Okta"}
    assert {p["samlMetadataDocument"] for p in providers.values()} == {cloud.metadata}
    assert arns == [f"arn:aws:iam::{TWO}:saml-provider/Okta"]


def test_metadata_of_another_stack_is_enough(run, cloud):
    run(lambda: further(cloud, metadata=pulumi.Output.from_input("<from another stack>")))

    assert cloud.one(iam.SamlProvider)["samlMetadataDocument"] == "<from another stack>"


def test_a_role_of_a_further_account_needs_its_name_and_the_provider(run, cloud):
    run(
        lambda: FederatedRole(
            "two-dev", FederatedRoleArgs(role_name="Developer", app=further(cloud))
        )
    )

    [statement] = json.loads(cloud.one(iam.Role)["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"Federated": f"arn:aws:iam::{TWO}:saml-provider/Okta"}
    assert statement["Condition"]["StringEquals"] == {
        "SAML:aud": "https://signin.aws.amazon.com/saml"
    }


def test_the_providers_of_the_app_and_of_a_further_account_are_each_other_s_past(
    run, cloud, app_args
):
    """An account that sorts before the others becomes the app's own: no provider is made anew."""

    def program():
        app = OktaAwsApp("federation", app_args(account_name="main"))
        further(cloud, metadata=app.metadata)

    run(program)

    past = {
        request.name: {
            (
                alias.spec.name or request.name,
                None if alias.spec.noParent else alias.spec.parentUrn.split(":")[-3],
            )
            for alias in request.aliases
        }
        for request in cloud.engine.requests.values()
        if request.type == "aws:iam/samlProvider:SamlProvider"
    }
    assert past == {
        f"{name}-Okta": {
            (former, kind)
            for former in (name, f"{name}-Okta")
            for kind in ("OktaAwsApp", "SamlIdentityProvider", None)
        }
        for name in ("federation-main", "federation-two")
    }


def test_the_arn_that_aws_answers_is_compared_with_the_expected_one(run, cloud):
    cloud.partition = "aws-cn"

    with pytest.raises(pulumi.RunError, match="but Okta has arn:aws:iam::222222222222"):
        run(lambda: further(cloud).saml_provider_arn.apply(lambda arn: arn))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"account_id": "2"}, "account_id must be 12 digits, not '2'"),
        ({"partition": "aws-iso"}, "partition must be one of aws, "),
    ],
)
def test_an_account_that_does_not_exist_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        SamlIdentityProviderArgs(**({"account_id": TWO, "metadata": "<a/>"} | changes))
