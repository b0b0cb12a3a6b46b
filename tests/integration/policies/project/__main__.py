"""A federation that keeps every rule, until `broken` names the one to break.

What a rule is broken by stands at one place below, so that what the pack says is about that alone.
"""

import json
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_okta as okta
from pulumi_aws import iam

config = pulumi.Config()
account = config.require("account")
broken = config.get("broken")
keys = 3 if broken == "max-two-keys" else config.get_int("keys", 1)

OKTA = f"arn:aws:iam::{account}:saml-provider/Okta"
AUDIENCE = "https://signin.aws.amazon.com/saml"


def allowing(*actions: str) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trusting(provider: str = OKTA, **change: Any) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": "sts:AssumeRoleWithSAML",
        "Condition": {"StringEquals": {"SAML:aud": AUDIENCE}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement | change]})


TRUSTS = {
    "saml-trust-has-audience": trusting(Condition={}),
    "saml-audience-matches-partition": trusting(
        Condition={"StringEquals": {"SAML:aud": "https://signin.amazonaws.cn/saml"}}
    ),
    "saml-trust-action-only": trusting(Action=["sts:AssumeRoleWithSAML", "sts:AssumeRole"]),
    "saml-trust-principal-is-known-provider": trusting(OKTA.replace(account, "210987654321")),
    "no-wildcard-in-federated-principal": trusting("*"),
    "tag-session-needs-tag-key-allow-list": trusting(
        Action=["sts:AssumeRoleWithSAML", "sts:TagSession"]
    ),
    "no-public-role": trusting(Principal={"AWS": "*"}, Action="sts:AssumeRole", Condition={}),
    "no-whole-account-trust": trusting(
        Principal={"AWS": "arn:aws:iam::111122223333:root"}, Action="sts:AssumeRole", Condition={}
    ),
    "service-trust-has-source": trusting(
        Principal={"Service": "scheduler.amazonaws.com"}, Action="sts:AssumeRole", Condition={}
    ),
}
DOCUMENTS = {
    "no-administrator-access-by-text": allowing("*"),
    "no-service-wildcard": allowing("cloudwatch:*"),
    "privilege-escalation": allowing("iam:PassRole", "ec2:RunInstances"),
    "combined-privilege-escalation": allowing("iam:PassRole"),
}

cloud = aws.Provider("cloud", region="us-east-1", allowed_account_ids=[account])
org = okta.Provider("org")
in_aws = pulumi.ResourceOptions(provider=cloud)
in_okta = pulumi.ResourceOptions(provider=org)

app = okta.app.Saml(
    "app",
    label="AWS Account Federation",
    preconfigured_app="amazon_aws",
    skip_authentication_policy=True,
    app_settings_json=json.dumps(
        {
            "appFilter": "okta",
            "awsEnvironmentType": "aws.amazon",
            "groupFilter": r"aws_(?{{accountid}}\d+)_(?{{role}}[a-zA-Z0-9+=,.@\-_]+)",
            "identityProviderArn": OKTA,
            "joinAllRoles": False,
            "loginURL": "https://console.aws.amazon.com/ec2/home",
            "roleValuePattern": "arn:aws:iam::${accountid}:saml-provider/OKTA,"
            "arn:aws:iam::${accountid}:role/${role}",
            "sessionDuration": 7200 if broken == "app-session-within-role" else 3600,
            "useGroupMapping": False,
        }
    ),
    opts=in_okta,
)
saml = iam.SamlProvider(
    "saml",
    name="Okta",
    saml_metadata_document=app.metadata,
    opts=pulumi.ResourceOptions(provider=cloud, protect=broken != "saml-provider-protected"),
)

late = saml.arn.apply(lambda arn: trusting(arn, Condition={}))
role = iam.Role(
    "role",
    name="Audit",
    assume_role_policy=late if broken == "later" else TRUSTS.get(broken or "", trusting()),
    max_session_duration=43200 if broken == "session-within-limit" else 3600,
    tags={} if broken == "role-tags" else {"team": "audit"},
    opts=pulumi.ResourceOptions(provider=cloud, depends_on=[saml]),
)
reading = iam.Policy(
    "reading",
    name="Reading",
    policy=DOCUMENTS.get(broken or "", allowing("ec2:DescribeInstances")),
    opts=in_aws,
)
iam.RolePolicyAttachment("attachment", role=role.name, policy_arn=reading.arn, opts=in_aws)

listing = iam.Policy(
    "listing",
    name="Listing",
    policy=allowing("iam:ListRoles", "iam:ListAccountAliases")
    if broken != "provisioning-policy-read-only"
    else allowing("iam:ListRoles", "iam:ListAccountAliases", "iam:GetUser"),
    opts=in_aws,
)
user = iam.User("user", name="OktaSSOuser", opts=in_aws)
group = iam.Group("group", name="OktaListing", opts=in_aws)
iam.GroupPolicyAttachment("listed", group=group.name, policy_arn=listing.arn, opts=in_aws)
iam.UserGroupMembership("member", user=user.name, groups=[group.name], opts=in_aws)
for number in range(keys):
    iam.AccessKey(f"key-{number}", user=user.name, opts=in_aws)

for priority, name in enumerate(["AWSAuditor", "AWSReader"], start=1):
    people = okta.group.Group(
        name, name="Everyone" if broken == "okta-app-not-everyone" else name, opts=in_okta
    )
    okta.app.GroupAssignment(
        f"{name}-assignment",
        app_id=app.id,
        group_id=people.id,
        priority=1 if broken == "unique-priorities" else priority,
        profile=json.dumps({"role": None, "samlRoles": ["Audit"]}),
        opts=in_okta,
    )

match broken:
    case "no-administrator-access":
        arn = "arn:aws:iam::aws:policy/AdministratorAccess"
        iam.RolePolicyAttachment("admin", role=role.name, policy_arn=arn, opts=in_aws)
    case "combined-privilege-escalation":
        run = allowing("ec2:RunInstances")
        iam.RolePolicy("running", role=role.name, name="Running", policy=run, opts=in_aws)
    case "user-policy-via-group":
        iam.UserPolicyAttachment("direct", user=user.name, policy_arn=listing.arn, opts=in_aws)
    case "no-console-login-profile":
        iam.UserLoginProfile("password", user=user.name, opts=in_aws)
