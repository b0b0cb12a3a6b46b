"""How the AWS plugin finds its account, refuses the wrong one, and fails when there is none."""

import re

import grpc
import pytest

from sandbox.plugins.aws.account import connect
from sandbox.plugins.aws.package import PACKAGE as AWS
from sandbox.plugins.schema import CloudError

ACCOUNT, OTHER_ACCOUNT = "123456789012", "210987654321"
WHO = "aws:index/getCallerIdentity:getCallerIdentity"
TRUST_ALL_OF = (
    '{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", '
    '"Principal": {{"AWS": "arn:aws:iam::{}:root"}}, "Action": "sts:AssumeRole"}}]}}'
)


@pytest.fixture
def environment(cloud, monkeypatch):
    """Only environment variables lead to the local AWS, as the sandbox sets them."""
    key = cloud.local.administrators[ACCOUNT]
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.local.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key.secret_access_key)
    return cloud


def test_the_environment_alone_leads_to_the_account(environment, start):
    plugin = start(AWS)
    plugin.configure()

    assert plugin.look_up(WHO)["accountId"] == ACCOUNT


def test_given_credentials_win_over_the_environments(environment, start):
    plugin = start(AWS)
    key = environment.local.administrators[OTHER_ACCOUNT]
    plugin.configure(accessKey=key.access_key_id, secretKey=key.secret_access_key)

    assert plugin.look_up(WHO)["accountId"] == OTHER_ACCOUNT


@pytest.mark.parametrize(
    ("variables", "argument", "region"),
    [
        ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2"}, None, "eu-west-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-2"}, None, "eu-west-2"),
        ({"AWS_REGION": "eu-west-1"}, "eu-north-1", "eu-north-1"),
    ],
)
def test_the_region_is_looked_for_as_the_published_plugin_does(
    environment, monkeypatch, variables, argument, region
):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert connect({"region": argument} if argument else {}).region == region


def test_iam_is_signed_for_the_region_of_its_partition(environment, monkeypatch):
    for region, home in (("eu-west-1", "us-east-1"), ("us-gov-east-1", "us-gov-west-1")):
        account = connect({"region": region, "skipRequestingAccountId": "true"})
        assert account.iam._client.meta.region_name == home


@pytest.mark.parametrize(
    "limits", [{"allowedAccountIds": [OTHER_ACCOUNT]}, {"forbiddenAccountIds": [ACCOUNT]}]
)
def test_another_account_than_the_programs_is_refused(environment, start, calls, limits):
    with pytest.raises(grpc.RpcError) as refusal:
        start(AWS).configure(**limits)

    assert refusal.value.details() == f"AWS account ID not allowed: {ACCOUNT}"
    assert calls == ["GetCallerIdentity"]


def test_an_account_that_is_not_asked_for_is_none_that_is_allowed(environment):
    with pytest.raises(CloudError, match=r"^AWS account ID not allowed: $"):
        connect({"allowedAccountIds": f'["{ACCOUNT}"]', "skipRequestingAccountId": "true"})


def test_without_a_validation_the_account_is_found_by_its_user(environment, calls):
    connect({"allowedAccountIds": f'["{ACCOUNT}"]', "skipCredentialsValidation": "true"})

    assert calls == ["GetUser"]


def test_wrong_credentials_are_said_to_be_wrong(environment, start):
    with pytest.raises(grpc.RpcError) as refusal:
        start(AWS).configure(accessKey="AKIAAAAAAAAAAAAAAAAA", secretKey="wrong")

    assert re.fullmatch(
        r"unable to validate AWS credentials\. Details: validating provider credentials: "
        r"retrieving caller identity from STS: operation error STS: GetCallerIdentity, https "
        r"response error StatusCode: 403, RequestID: \S+, api error InvalidClientTokenId: .+",
        refusal.value.details(),
    )


def test_where_nothing_listens_it_gives_up_after_three_attempts(environment, start, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")

    with pytest.raises(grpc.RpcError) as refusal:
        start(AWS).configure(region="us-east-1")

    said = refusal.value.details()
    assert "retrieving caller identity from STS" in said
    assert "exceeded maximum number of attempts, 3" in said
    assert "127.0.0.1:9" in said
    assert "Connection refused" in said, "as the published plugin says why"
    assert "\n" not in said


def test_a_provider_works_in_another_account_by_assuming_a_role(environment, start):
    other = environment.local.administrators[OTHER_ACCOUNT]
    there = start(AWS)
    there.configure(accessKey=other.access_key_id, secretKey=other.secret_access_key)
    role = there.create(
        "aws:iam/role:Role", name="Deployer", assumeRolePolicy=TRUST_ALL_OF.format(ACCOUNT)
    )
    there.create(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        role="Deployer",
        policyArn="arn:aws:iam::aws:policy/IAMFullAccess",
    )

    for role_arn, session_name in (("roleArn", "sessionName"), ("role_arn", "session_name")):
        plugin = start(AWS)
        block = {role_arn: role.outputs["arn"], session_name: "deployment"}
        plugin.configure(assumeRoles=[block], allowedAccountIds=[OTHER_ACCOUNT])
        assert plugin.look_up(WHO)["arn"] == (
            f"arn:aws:sts::{OTHER_ACCOUNT}:assumed-role/Deployer/deployment"
        )

    made = plugin.create("aws:iam/group:Group", name="G")
    assert made.outputs["arn"] == f"arn:aws:iam::{OTHER_ACCOUNT}:group/G"
    plugin.delete(made)
    with pytest.raises(grpc.RpcError, match="assuming IAM Role"):
        start(AWS).configure(assumeRoles=[{"roleArn": f"{role.outputs['arn']}Not"}])


@pytest.mark.parametrize("argument", ["ignoreTags", "insecure", "useFipsEndpoint"])
def test_an_argument_that_would_not_be_acted_on_is_refused(environment, start, argument):
    with pytest.raises(ValueError, match="this emulated plugin does not do what it asks for"):
        start(AWS).configure(**{argument: True})


def test_an_unknown_argument_is_refused(environment, start):
    with pytest.raises(ValueError, match='a provider argument named "colour" is not expected'):
        start(AWS).configure(colour="red")


def test_tags_of_the_provider_go_on_everything_and_not_into_the_programs(environment, start):
    plugin = start(AWS)
    plugin.configure(defaultTags={"tags": {"owner": "us", "team": "access"}})
    given = {"name": "U", "tags": {"team": "other"}}

    user = plugin.create("aws:iam/user:User", **given)

    stored = environment.iam.list_user_tags(UserName="U")["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in stored} == {"owner": "us", "team": "other"}
    assert user.outputs["tags"] == {"team": "other"}
    assert user.outputs["tagsAll"] == {"owner": "us", "team": "other"}
    assert plugin.changes(user, **given) == set()
    assert plugin.refresh(user) == user

    later = start(AWS)
    later.configure(defaultTags={"tags": {"owner": "them"}})
    assert later.changes(user, **given) == {"tagsAll"}
    later.update(user, **given)
    stored = environment.iam.list_user_tags(UserName="U")["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in stored} == {"owner": "them", "team": "other"}


def test_a_program_may_repeat_a_tag_of_the_provider(environment, start):
    plugin = start(AWS)
    plugin.configure(defaultTags={"tags": {"owner": "us"}})
    given = {"name": "U", "tags": {"owner": "us"}}

    user = plugin.create("aws:iam/user:User", **given)

    assert plugin.changes(user, **given) == set()
    assert plugin.changes(plugin.refresh(user), **given) == set()
