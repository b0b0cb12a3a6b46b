import pulumi

from okta_aws_federation import OktaAwsApp, OktaAwsAppArgs, SignOnPolicy

app = OktaAwsApp(
    "federation",
    OktaAwsAppArgs(
        account_id="123456789012",
        label="AWS Production",
        session_hours=2,
        sign_on_policy=SignOnPolicy(reauthenticate_hours=4),
    ),
)
pulumi.export("signInUrl", app.sign_in_url)
