"""IAM users, their groups and their access keys."""

import grpc
import pytest

ACCOUNT = "123456789012"
USER = "aws:iam/user:User"
GROUP = "aws:iam/group:Group"
KEY = "aws:iam/accessKey:AccessKey"
MEMBERSHIP = "aws:iam/userGroupMembership:UserGroupMembership"


def test_a_user_keeps_its_id_through_a_renaming(aws, cloud):
    thing = aws.create(USER, name="before", tags={"team": "access"})

    renamed = aws.update(thing, name="after", tags={"team": "access"})

    assert renamed.outputs["name"] == "after"
    assert renamed.outputs["uniqueId"] == thing.outputs["uniqueId"]
    assert aws.refresh(renamed).outputs["arn"] == f"arn:aws:iam::{ACCOUNT}:user/after"
    aws.delete(renamed)
    assert aws.refresh(renamed) is None


def test_a_user_leaves_its_groups_before_it_goes(aws, cloud):
    thing = aws.create(USER, name="U")
    cloud.iam.create_group(GroupName="G")
    cloud.iam.add_user_to_group(GroupName="G", UserName="U")

    aws.delete(thing)

    assert cloud.iam.get_group(GroupName="G")["Users"] == []


def test_a_membership_adds_and_removes_its_own_groups_only(aws, cloud):
    aws.create(USER, name="U")
    for group in ("A", "B", "C", "other"):
        aws.create(GROUP, name=group)
    cloud.iam.add_user_to_group(GroupName="other", UserName="U")

    thing = aws.create(MEMBERSHIP, user="U", groups=["A", "B"])
    assert thing.id.startswith("terraform-")
    assert aws.changes(thing, user="U", groups=["B", "A"]) == set(), "a set has no order"
    changed = aws.update(thing, user="U", groups=["B", "C"])

    def groups():
        found = cloud.iam.list_groups_for_user(UserName="U")["Groups"]
        return {group["GroupName"] for group in found}

    assert groups() == {"B", "C", "other"}
    aws.delete(changed)
    assert groups() == {"other"}


def test_a_membership_ended_by_hand_is_seen_and_made_again(aws, cloud):
    aws.create(USER, name="U")
    aws.create(GROUP, name="A")
    thing = aws.create(MEMBERSHIP, user="U", groups=["A"])
    cloud.iam.remove_user_from_group(GroupName="A", UserName="U")

    seen = aws.refresh(thing)

    assert seen.outputs["groups"] == []
    assert aws.changes(seen, user="U", groups=["A"]) == {"groups"}
    aws.update(seen, user="U", groups=["A"])
    assert len(cloud.iam.get_group(GroupName="A")["Users"]) == 1


def test_a_membership_is_imported_by_user_and_groups(aws, cloud):
    aws.create(USER, name="U")
    for group in ("A", "B"):
        aws.create(GROUP, name=group)
        cloud.iam.add_user_to_group(GroupName=group, UserName="U")

    adopted = aws.adopt(MEMBERSHIP, "U/A/B")

    assert adopted.inputs == {"user": "U", "groups": ["A", "B"], "__defaults": []}
    assert adopted.id.startswith("terraform-")


@pytest.fixture
def key(aws):
    aws.create(USER, name="U")
    return aws.create(KEY, user="U")


def test_a_key_shows_its_secret_once(aws, cloud, key):
    assert key.id.startswith("AKIA")
    assert key.outputs["status"] == "Active"
    assert len(key.outputs["secret"]) == 40
    assert key.outputs["sesSmtpPasswordV4"]
    assert aws.refresh(key) == key, "AWS never shows the secret again; the state keeps it"
    assert "secret" not in aws.adopt(KEY, key.id).outputs


def test_a_keys_secret_is_marked_on_the_wire(aws, key):
    from sandbox.plugins.aws.users import ACCESS_KEY
    from sandbox.plugins.values import SECRET, SIGNATURE, pack

    for name in ("secret", "sesSmtpPasswordV4"):
        packed = pack(key.outputs, ACCESS_KEY.secrets)[name]
        assert packed[SIGNATURE] == SECRET


def test_a_key_is_turned_off_and_on(aws, cloud, key):
    off = aws.update(key, user="U", status="Inactive")

    assert off.outputs["status"] == "Inactive"
    assert off.outputs["secret"] == key.outputs["secret"]
    [stored] = cloud.iam.list_access_keys(UserName="U")["AccessKeyMetadata"]
    assert stored["Status"] == "Inactive"
    assert aws.replaces(off, user="other") == {"user"}


def test_a_third_key_is_refused_with_aws_words(aws, key):
    aws.create(KEY, user="U")

    with pytest.raises(grpc.RpcError) as refusal:
        aws.create(KEY, user="U")

    assert refusal.value.details().startswith("creating IAM Access Key (U): operation error IAM: ")
    assert "StatusCode: 409" in refusal.value.details()
    assert "LimitExceeded" in refusal.value.details()


def test_a_key_deleted_by_hand_is_forgotten(aws, cloud, key):
    cloud.iam.delete_access_key(UserName="U", AccessKeyId=key.id)

    assert aws.refresh(key) is None
    aws.delete(key)


def test_encryption_that_the_stand_in_lacks_is_refused(aws):
    with pytest.raises(ValueError, match="pgp_key: this emulated plugin does not do"):
        aws.check(KEY, user="U", pgpKey="keybase:ada")
