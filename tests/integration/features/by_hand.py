"""Federations as people make them by hand: in AWS's console and Okta's, after published guides."""

import json
from dataclasses import dataclass, field
from typing import Any

from sandbox.demo.administrator import enable_provisioning, refresh_application_data

AUDIENCE = {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}
LIST_ROLES = {
    "Effect": "Allow",
    "Action": ["iam:ListRoles", "iam:ListAccountAliases"],
    "Resource": "*",
}


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": [*statements]})


def tags(**values):
    return [{"Key": key, "Value": value} for key, value in values.items()]


@dataclass
class ByHand:
    """One account, and one app that opens it."""

    bench: Any
    account: str
    label: str
    provider: str = "Okta"
    members: int = 0
    """How many people a stack file can name; a membership is not imported, but recorded."""
    app: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self):
        self.iam = self.bench.aws("iam", self.account)

    @property
    def name(self):
        return self.label.lower().replace(" ", "-")

    @property
    def recorded_by_the_update(self):
        """How many resources the first update adds to the state, and to nothing else."""
        return self.members + 1  # and the name of the SAML provider

    def arn(self, rest, account=None):
        return f"arn:aws:iam::{account or self.account}:{rest}"

    @property
    def trust(self):
        return {
            "Effect": "Allow",
            "Principal": {"Federated": self.arn(f"saml-provider/{self.provider}")},
            "Action": "sts:AssumeRoleWithSAML",
            "Condition": AUDIENCE,
        }

    def okta(self, method, path, body=None):
        return self.bench.okta(method, f"/api/v1{path}", **({"json": body} if body else {}))

    def add_app(self, *provider_tags, **settings):
        """The app, then the provider from its metadata."""
        settings = {"identityProviderArn": self.arn(f"saml-provider/{self.provider}")} | settings
        self.app = self.okta(
            "POST",
            "/apps?activate=true",
            {
                "name": "amazon_aws",
                "label": self.label,
                "signOnMode": "SAML_2_0",
                "settings": {"app": settings},
            },
        )
        kid = self.app["credentials"]["signing"]["kid"]
        metadata = self.okta("GET", f"/apps/{self.app['id']}/sso/saml/metadata?kid={kid}")
        self.iam.create_saml_provider(
            Name=self.provider, SAMLMetadataDocument=metadata, Tags=[*provider_tags]
        )

    def add_role(self, name, *policies, statements=(), **options):
        trust = document(*(statements or (self.trust,)))
        self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, **options)
        for policy in policies:
            arn = policy if policy.startswith("arn:") else f"arn:aws:iam::aws:policy/{policy}"
            self.iam.attach_role_policy(RoleName=name, PolicyArn=arn)

    def add_policy(self, name, *statements, **options):
        made = self.iam.create_policy(
            PolicyName=name, PolicyDocument=document(*statements), **options
        )
        return made["Policy"]["Arn"]

    def add_user(self, name, policy_arn, *, group=None, keys=1, **options):
        """The user for Okta, with its policy; answers with the last key."""
        self.iam.create_user(UserName=name, **options)
        if group:
            self.iam.create_group(GroupName=group)
            self.iam.attach_group_policy(GroupName=group, PolicyArn=policy_arn)
            self.iam.add_user_to_group(GroupName=group, UserName=name)
        else:
            self.iam.attach_user_policy(UserName=name, PolicyArn=policy_arn)
        return [self.iam.create_access_key(UserName=name)["AccessKey"] for _ in range(keys)][-1]

    def do_the_provisioning_tab(self, key):
        secret = key["SecretAccessKey"]
        enable_provisioning(self.bench.clouds, self.app["id"], key["AccessKeyId"], secret)
        refresh_application_data(self.bench.clouds, self.app["id"])

    def add_group(self, name, members, roles, priority, description=""):
        profile = {"name": name, "description": description}
        group = self.okta("POST", "/groups", {"profile": profile})["id"]
        for login in members:
            user = self.okta("GET", f"/users/{login}")["id"]
            self.okta("PUT", f"/groups/{group}/users/{user}")
        self.assign(group, roles, priority)
        return group

    def add_rule(self, name, expression, group):
        rule = self.okta(
            "POST",
            "/groups/rules",
            {
                "type": "group_rule",
                "name": name,
                "conditions": {
                    "expression": {"value": expression, "type": "urn:okta:expression:1.0"}
                },
                "actions": {"assignUserToGroups": {"groupIds": [group]}},
            },
        )
        self.okta("POST", f"/groups/rules/{rule['id']}/lifecycle/activate")

    def assign(self, group, roles, priority):
        body = {"priority": priority, "profile": {"samlRoles": roles}}
        self.okta("PUT", f"/apps/{self.app['id']}/groups/{group}", body)


def of_the_blog(bench, account):
    """App, provider, two roles, policy on the user, a rule, priorities from 0."""
    made = ByHand(bench, account, "AWS Account Federation", members=1)
    made.add_app()
    made.add_role("OktaDeveloper", "AmazonEC2ReadOnlyAccess")
    made.add_role("OktaAuditor", "SecurityAudit", Description="Reads how all is set up.")
    policy = made.add_policy("OktaMasterAccountPolicy", LIST_ROLES)
    made.do_the_provisioning_tab(made.add_user("OktaSSOuser", policy))
    made.add_group("AWSDeveloper", ["ada@example.com"], ["OktaDeveloper"], 0, "Developers")
    auditors = made.add_group("AWSAuditor", ["grace@example.com"], ["OktaAuditor"], 1)
    made.add_rule("AWSAuditor", 'user.department=="Audit"', auditors)
    return made


def of_three_groups(bench, account):
    """Three groups, of which one person is in two; the policy through a group; all has tags."""
    made = ByHand(bench, account, "AWS", members=3)
    common = tags(owner="identity")
    made.add_app(*common, sessionDuration=14400, loginURL="https://console.aws.amazon.com/s3/home")
    logs = made.add_policy(
        "ReadLogs",
        {"Effect": "Allow", "Action": "logs:GetLogEvents", "Resource": "*"},
        Description="For developers.",
        Tags=common,
    )
    made.add_role(
        "Developer", "AmazonEC2ReadOnlyAccess", logs, MaxSessionDuration=14400, Tags=common
    )
    made.add_role("Auditor", "SecurityAudit", MaxSessionDuration=14400, Tags=common)
    made.add_role(
        "Admin",
        "AdministratorAccess",
        MaxSessionDuration=14400,
        Tags=[*common, *tags(level="high")],
        PermissionsBoundary="arn:aws:iam::aws:policy/PowerUserAccess",
    )
    policy = made.add_policy("OktaListRoles", LIST_ROLES, Description="For Okta.", Tags=common)
    made.do_the_provisioning_tab(made.add_user("okta", policy, group="okta-sso", Tags=common))
    made.add_group("Team Developers", ["ada@example.com"], ["Developer"], 1)
    made.add_group("Team Auditors", ["alan@example.com"], ["Auditor"], 2)
    made.add_group("Team Admins", ["ada@example.com", "joan@example.com"], ["Admin", "Auditor"], 3)
    return made


def odd_roles(made, both, service):
    """Roles with a path, a policy of another team, a trust in two statements, an inline policy."""
    shared = made.add_policy(
        "Queues",
        {"Effect": "Allow", "Action": "sqs:ListQueues", "Resource": "*"},
        Path="/teams/",
        Description="Of another team.",
    )
    made.add_role(
        "Operator",
        "AmazonEC2ReadOnlyAccess",
        shared,
        statements=(made.trust | both, service),
        Path="/federated/",
        MaxSessionDuration=5400,
        Tags=tags(team="operations"),
    )
    regional = {"StringLike": {"SAML:aud": "https://*.signin.aws.amazon.com/saml"}}
    made.add_role(
        "Reader", "ReadOnlyAccess", statements=(made.trust, made.trust | {"Condition": regional})
    )
    made.iam.put_role_policy(
        RoleName="Reader",
        PolicyName="NoKeys",
        PolicyDocument=document({"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"}),
    )


def with_oddities(bench, account):
    """What no guide has: paths, foreign tags, a second provider, a service, inline policies, two
    keys, gaps between priorities, a group of another app, somebody assigned directly."""
    made = ByHand(bench, account, "AWS Prod", "Okta-Prod", members=1)
    made.add_app(*tags(cost="42"), joinAllRoles=True)
    old = made.arn("saml-provider/OldIdp")
    metadata = made.iam.get_saml_provider(SAMLProviderArn=made.trust["Principal"]["Federated"])
    made.iam.create_saml_provider(
        Name="OldIdp", SAMLMetadataDocument=metadata["SAMLMetadataDocument"]
    )
    both = {"Principal": {"Federated": [made.trust["Principal"]["Federated"], old]}}
    service = {
        "Effect": "Allow",
        "Principal": {"Service": "ec2.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    odd_roles(made, both, service)
    policy = made.add_policy("ListRoles", LIST_ROLES | {"Sid": "Okta"}, Path="/svc/")
    key = made.add_user("svc-okta", policy, keys=2, Path="/svc/", Tags=tags(ticket="OPS-1"))
    made.iam.put_user_policy(
        UserName="svc-okta",
        PolicyName="Deny",
        PolicyDocument=document({"Effect": "Deny", "Action": "s3:*", "Resource": "*"}),
    )
    made.do_the_provisioning_tab(key)
    made.add_group("Operators", ["ada@example.com"], ["Operator"], 5)
    readers = made.add_group("Readers", ["grace@example.com", "alan@example.com"], ["Reader"], 10)
    other = ByHand(bench, account, "AWS Lab", "Lab")
    other.app = other.okta(
        "POST",
        "/apps?activate=true",
        {"name": "amazon_aws", "label": "AWS Lab", "signOnMode": "SAML_2_0"},
    )
    other.okta("PUT", f"/apps/{other.app['id']}/groups/{readers}", {})
    joan = made.okta("GET", "/users/joan@example.com")["id"]
    made.okta(
        "POST",
        f"/apps/{made.app['id']}/users",
        {"id": joan, "scope": "USER", "profile": {"samlRoles": ["Reader"]}},
    )
    return made


ESTATES = {
    "123456789012": of_the_blog,
    "123456789013": of_three_groups,
    "123456789014": with_oddities,
}
