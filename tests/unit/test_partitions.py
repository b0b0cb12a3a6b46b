"""The partition table against AWS's own: the one that botocore ships."""

import gzip
import json
import re
from pathlib import Path

import botocore
import pytest

import sign_in
from okta_aws_federation.partitions import (
    AWS,
    CHINA,
    GOVCLOUD,
    PARTITIONS,
    UnsupportedRegion,
    partition_named,
    partition_of,
)

DATA = Path(botocore.__file__).parent / "data"
LISTED = {
    one["id"]: one for one in json.loads((DATA / "partitions.json").read_text())["partitions"]
}
RULES = gzip.decompress(
    (DATA / "signin" / "2023-01-01" / "endpoint-rule-set-1.json.gz").read_bytes()
).decode()
SIGN_IN_HOSTS = set(re.findall(r"https://\{Region\}\.(signin\.[a-z0-9.-]+)\"", RULES))


@pytest.mark.parametrize("partition", PARTITIONS, ids=lambda partition: partition.name)
def test_a_partition_has_the_regions_that_aws_lists(partition):
    listed = {region for region in LISTED[partition.name]["regions"] if "global" not in region}
    assert set(partition.regions) == listed
    assert partition.home_region in listed


@pytest.mark.parametrize("partition", PARTITIONS, ids=lambda partition: partition.name)
def test_a_sign_in_host_is_one_of_awss_endpoint_rules(partition):
    assert partition.sign_in_host in SIGN_IN_HOSTS


@pytest.mark.parametrize("name", sorted(LISTED))
def test_every_region_of_aws_is_in_its_partition_or_refused_by_name(name):
    supported = {partition.name for partition in PARTITIONS}
    for region in LISTED[name]["regions"]:
        if "global" in region:
            continue
        if name in supported:
            assert partition_of(region).name == name
        else:
            with pytest.raises(
                UnsupportedRegion, match=f"partition {name}, which is not supported"
            ):
                partition_of(region)


@pytest.mark.parametrize("region", ["us-east-9", "eu-zentral-1", "xx-foo-1", "", "aws-global"])
def test_a_region_that_aws_does_not_list_is_refused(region):
    with pytest.raises(UnsupportedRegion, match="not a region that AWS lists"):
        partition_of(region)


def test_the_endpoint_of_us_east_1_has_no_region_in_its_name():
    assert AWS.regional_sign_in_url("us-east-1") == "https://signin.aws.amazon.com/saml"
    assert AWS.regional_sign_in_url("eu-west-1") == "https://eu-west-1.signin.aws.amazon.com/saml"


def test_outside_the_commercial_partition_okta_is_always_given_the_acs_url():
    assert AWS.acs_url() is None
    assert CHINA.acs_url() == "https://signin.amazonaws.cn/saml"
    assert GOVCLOUD.acs_url() == "https://signin.amazonaws-us-gov.com/saml"
    assert partition_of("eusc-de-east-1").acs_url() == (
        "https://eusc-de-east-1.signin.amazonaws-eusc.eu/saml"
    )


@pytest.mark.parametrize(
    ("name", "host", "home", "environment", "entity"),
    [
        ("aws", "aws.amazon.com", "us-east-1", "aws.amazon", "urn:amazon:webservices"),
        (
            *("aws-us-gov", "amazonaws-us-gov.com", "us-gov-west-1", "amazonaws-us-gov"),
            "urn:amazon:webservices:govcloud",
        ),
        (
            *("aws-cn", "amazonaws.cn", "cn-north-1", "amazonaws.cn"),
            "urn:amazon:webservices:cn-north-1",
        ),
        (
            *("aws-eusc", "amazonaws-eusc.eu", "eusc-de-east-1", "amazonaws-eusc"),
            "https://eusc-de-east-1.signin.amazonaws-eusc.eu/saml",
        ),
    ],
)
def test_each_partition_has_its_own_console_home_region_and_names(
    name, host, home, environment, entity
):
    partition = partition_named(name)

    assert partition.console == f"https://console.{host}/ec2/home"
    assert partition.home_region == home
    assert partition.okta_environment == environment
    assert partition.saml_entity_id == entity
    assert partition.role_arn("1", "R", "/p/") == f"arn:{name}:iam::1:role/p/R"
    assert partition.saml_provider_arn("1", "P") == f"arn:{name}:iam::1:saml-provider/P"
    assert partition.managed_policy_arn("a/B") == f"arn:{name}:iam::aws:policy/a/B"


def test_the_policy_pack_that_stands_alone_knows_the_same_sign_in_hosts():
    own = {name: host for name, host in sign_in.SIGN_IN.items() if "iso" not in name}

    assert own == {partition.name: partition.sign_in_host for partition in PARTITIONS}
