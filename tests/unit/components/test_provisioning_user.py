import json

import pulumi
import pytest
from pulumi_aws import iam, secretsmanager, ssm

from components import ProvisioningUser, ProvisioningUserArgs, SecretStore, StoreKind


@pytest.fixture
def allowed(run, cloud, user_args):
    """The statements of the policy that a user with the given arguments gets."""

    def allowed(**changes):
        run(lambda: ProvisioningUser("provisioning", user_args(**changes)))
        document = json.loads(cloud.one(iam.Policy)["policy"])
        assert document["Version"] == "2012-10-17"
        return document["Statement"]

    return allowed


def test_the_key_may_list_roles_and_aliases_and_nothing_else(allowed):
    assert allowed() == [
        {
            "Effect": "Allow",
            "Action": ["iam:ListAccountAliases", "iam:ListRoles"],
            "Resource": "*",
        }
    ]


def test_the_key_works_from_the_given_networks_only(allowed):
    [statement] = allowed(source_ips=["203.0.113.0/24", "198.51.100.0/24"])

    networks = ["198.51.100.0/24", "203.0.113.0/24"]
    assert statement["Condition"] == {"IpAddress": {"aws:SourceIp": networks}}


def test_the_old_policy_reaches_other_accounts_through_oktas_reserved_role_only(allowed):
    own, others = allowed(accounts_of_partition="aws-us-gov", source_ips=["192.0.2.1/32"])

    assert own["Action"] == [
        "iam:GetAccountSummary",
        "iam:GetUser",
        "iam:ListAccountAliases",
        "iam:ListRoles",
    ]
    assert (others["Effect"], others["Action"]) == ("Allow", "sts:AssumeRole")
    assert others["Resource"] == "arn:aws-us-gov:iam::*:role/Okta-Idp-cross-account-role"
    assert others["Condition"] == own["Condition"]


def test_the_policy_comes_through_a_group(run, cloud, user_args):
    run(lambda: ProvisioningUser("provisioning", user_args()))

    assert not cloud.of(iam.UserPolicyAttachment), "policies on users fail CIS 1.14"
    assert cloud.one(iam.GroupPolicyAttachment)["policyArn"] == "arn:provisioning-policy"
    membership = cloud.one(iam.UserGroupMembership)
    assert (membership["user"], membership["groups"]) == ("OktaSSOuser", ["OktaSSOusers"])


def test_without_a_group_the_policy_is_on_the_user(run, cloud, user_args):
    run(lambda: ProvisioningUser("provisioning", user_args(group_name=None)))

    attachment = cloud.one(iam.UserPolicyAttachment)
    assert (attachment["user"], attachment["policyArn"]) == (
        "OktaSSOuser",
        "arn:provisioning-policy",
    )
    children = {child.name for child in cloud.engine.children_of("provisioning")}
    assert "provisioning-attachment" in children
    assert not cloud.of(iam.Group)


def test_a_key_whose_name_is_escaped_is_found_under_its_former_name(run, cloud, user_args):
    run(lambda: ProvisioningUser("p", user_args(access_key_generations=["a-key-b"])))

    former = {
        child.name: [alias.spec.name for alias in child.aliases]
        for child in cloud.engine.children_of("p")
        if child.aliases
    }
    assert former == {"p-key-a~1key~1b": ["p-key-a-key-b"]}


def test_everything_about_a_user_has_a_default(run, cloud):
    run(lambda: ProvisioningUser("p", ProvisioningUserArgs()))

    assert cloud.of(iam.AccessKey).keys() == {"p-key-first"}, "another one would be a new key"


def test_of_two_generations_the_newer_is_handed_out(run, cloud, user_args):
    said = []

    def program():
        user = ProvisioningUser("p", user_args(access_key_generations=["old", "new"]))
        pulumi.Output.all(user.access_key_id, user.secret_access_key).apply(said.extend)

    run(program)

    assert set(cloud.of(iam.AccessKey)) == {"p-key-old", "p-key-new"}
    assert said == ["p-key-new-id", "secret of p-key-new"]


def test_the_secret_stays_secret(run, cloud, user_args):
    said = []

    def program():
        key = ProvisioningUser("provisioning", user_args()).secret_access_key
        pulumi.Output.from_input(key.is_secret()).apply(said.append)

    run(program)

    assert said == [True]


@pytest.mark.parametrize(
    ("kind", "resource", "field"),
    [
        (StoreKind.PARAMETER, ssm.Parameter, "value"),
        (StoreKind.SECRET, secretsmanager.SecretVersion, "secretString"),
    ],
)
def test_a_stored_key_is_a_secret_to_the_engine_too(run, cloud, user_args, kind, resource, field):
    store = SecretStore(kind=kind, name="/okta/provisioning", kms_key="alias/okta")

    run(lambda: ProvisioningUser("provisioning", user_args(store=store)))

    children = cloud.engine.children_of("provisioning")
    assert resource.pulumi_type in {child.type for child in children}
    wrapped = cloud.one(resource)[field]
    assert set(wrapped) > {"value"}, "a plain value would stand in the state as it is"
    assert json.loads(wrapped["value"]) == {
        "accessKeyId": "provisioning-key-first-id",
        "secretAccessKey": "secret of provisioning-key-first",
    }


@pytest.mark.parametrize("tags", [{}, {"owner": "identity"}])
def test_a_parameter_is_encrypted_and_a_secret_s_name_is_free_after_destroy(
    run, cloud, user_args, tags
):
    def program():
        for name, kind in (("one", StoreKind.PARAMETER), ("two", StoreKind.SECRET)):
            store = SecretStore(kind=kind, name="okta", kms_key="alias/okta")
            ProvisioningUser(name, user_args(store=store, tags=tags))

    run(program)

    parameter, secret = cloud.one(ssm.Parameter), cloud.one(secretsmanager.Secret)
    assert (parameter["type"], parameter["keyId"]) == ("SecureString", "alias/okta")
    assert (secret["recoveryWindowInDays"], secret["kmsKeyId"]) == (0, "alias/okta")
    assert parameter.get("tags") == secret.get("tags") == (tags or None)
    assert {"Parameter one-parameter", "Secret two-secret"} <= cloud.names()


@pytest.mark.parametrize("keys", [[], ["a", "b", "c"]])
def test_no_key_or_more_than_aws_gives_is_refused(user_args, keys):
    with pytest.raises(ValueError, match="access_key_generations must name one or two generations"):
        user_args(access_key_generations=keys)


def test_a_generation_named_twice_is_refused(user_args):
    with pytest.raises(ValueError, match="access_key_generations must name each generation once"):
        user_args(access_key_generations=["a", "a"])


def test_two_users_share_no_child_and_children_keep_their_names(run, cloud, user_args):
    run(lambda: [ProvisioningUser(n, user_args(user_name=n)) for n in ("one", "two")])

    kinds = {
        "User": "user",
        "Group": "group",
        "Policy": "policy",
        "GroupPolicyAttachment": "attachment",
        "UserGroupMembership": "membership",
        "AccessKey": "key-first",
    }
    assert cloud.names() == {
        f"{kind} {name}-{suffix}" for kind, suffix in kinds.items() for name in ("one", "two")
    }, "a changed name is a migration: see CHANGELOG"


def test_options_and_tags_reach_the_children(run, cloud, user_args):
    def program():
        opts = pulumi.ResourceOptions(protect=True, retain_on_delete=True)
        ProvisioningUser("provisioning", user_args(tags={"owner": "identity"}), opts)

    run(program)

    assert cloud.engine.component("provisioning").retainOnDelete, (
        "the engine hands it down from there"
    )
    children = cloud.engine.children_of("provisioning")
    assert len(children) == 6
    assert [child.name for child in children if not child.protect] == ["provisioning-key-first"]
    assert cloud.one(iam.User)["tags"] == cloud.one(iam.Policy)["tags"] == {"owner": "identity"}
