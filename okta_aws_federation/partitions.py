"""What differs between AWS partitions: names, regions, ARNs, sign-in pages.

Sources: "AWS Sign-In endpoints and quotas" (AWS General Reference) and the endpoint rules of the
service `signin` in AWS's SDKs for the hosts; the SDKs' list of partitions for the regions. A test
compares this table with the one that botocore ships. The entity ids: IAM User Guide, "Configure
SAML assertions for the authentication response", with its pages for China and GovCloud (US).
"""

from dataclasses import dataclass


class UnsupportedRegion(ValueError):
    """A region that AWS does not list, or one of a partition without support here."""


@dataclass(frozen=True)
class Partition:
    """One partition; `name` is the second field of each of its ARNs."""

    name: str
    sign_in_host: str
    """Without a region in front: the global sign-in page, where the partition has one."""
    console: str
    """The console's start page: where Okta sends a person after the sign-in."""
    home_region: str
    """Where the services are that have one endpoint for all regions, such as IAM."""
    okta_environment: str
    """`awsEnvironmentType` of Okta's app. Only `aws.amazon` is published; the others follow the
    names of the hosts, and a stack file can name another."""
    regions: tuple[str, ...]
    """Codes of the partition's regions, as the SDKs list them on 2026-11-27."""
    has_global_sign_in: bool = True
    """Whether the sign-in page answers without a region in its host name."""
    saml_urn: str | None = None
    """The entity id in AWS's own SAML metadata of the partition; None where none is published."""

    @property
    def saml_entity_id(self) -> str:
        """The audience of a SAML response: the entity id, or else the sign-in page, which AWS
        takes too."""
        return self.saml_urn or self.sign_in_url

    @property
    def sign_in_url(self) -> str:
        """Where an assertion is posted by default; it is also what roles see as `SAML:aud`."""
        if not self.has_global_sign_in:
            return f"https://{self.home_region}.{self.sign_in_host}/saml"
        return f"https://{self.sign_in_host}/saml"

    def regional_sign_in_url(self, region: str) -> str:
        """The endpoint of one region, for sign-ins that survive an outage of another region.

        That of us-east-1 has no region in its name ("How to use regional SAML endpoints for
        failover", AWS Security Blog).
        """
        if region == "us-east-1":
            return self.sign_in_url
        return f"https://{region}.{self.sign_in_host}/saml"

    def acs_url(self, region: str | None = None) -> str | None:
        """What Okta's app needs as `overrideAcsURL`; None where Okta's own default is right.

        Outside the commercial partition it is always set: Okta's article on AWS China has people
        fill the field in, and how Okta composes the URL from the environment is not published.
        """
        if region is not None:
            return self.regional_sign_in_url(region)
        return None if self.name == "aws" else self.sign_in_url

    def saml_provider_arn(self, account: str, name: str) -> str:
        """The ARN of a SAML provider of an account (12 digits)."""
        return f"arn:{self.name}:iam::{account}:saml-provider/{name}"

    def role_arn(self, account: str, name: str, path: str = "/") -> str:
        """The ARN of a role of an account (12 digits)."""
        return f"arn:{self.name}:iam::{account}:role{path}{name}"

    def managed_policy_arn(self, policy: str) -> str:
        """A policy that AWS maintains, by its name (with its path, where it has one)."""
        return f"arn:{self.name}:iam::aws:policy/{policy}"


AWS = Partition(
    "aws",
    "signin.aws.amazon.com",
    "https://console.aws.amazon.com/ec2/home",
    "us-east-1",
    "aws.amazon",
    (
        "af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2",
        "ap-northeast-3", "ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2",
        "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7",
        "ca-central-1", "ca-west-1", "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1",
        "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3", "il-central-1", "me-central-1",
        "me-south-1", "me-west-1", "mx-central-1", "sa-east-1", "sa-west-1", "us-east-1",
        "us-east-2", "us-west-1", "us-west-2",
    ),
    saml_urn="urn:amazon:webservices",
)  # fmt: skip
GOVCLOUD = Partition(
    "aws-us-gov",
    "signin.amazonaws-us-gov.com",
    "https://console.amazonaws-us-gov.com/ec2/home",
    "us-gov-west-1",
    "amazonaws-us-gov",
    ("us-gov-east-1", "us-gov-west-1"),
    saml_urn="urn:amazon:webservices:govcloud",
)
CHINA = Partition(
    "aws-cn",
    "signin.amazonaws.cn",
    "https://console.amazonaws.cn/ec2/home",
    "cn-north-1",
    "amazonaws.cn",
    ("cn-north-1", "cn-northwest-1"),
    saml_urn="urn:amazon:webservices:cn-north-1",
)
EUROPEAN_SOVEREIGN_CLOUD = Partition(
    "aws-eusc",
    "signin.amazonaws-eusc.eu",
    "https://console.amazonaws-eusc.eu/ec2/home",
    "eusc-de-east-1",
    "amazonaws-eusc",
    ("eusc-de-east-1",),
    has_global_sign_in=False,
)

PARTITIONS = (AWS, GOVCLOUD, CHINA, EUROPEAN_SOVEREIGN_CLOUD)

ISOLATED = {
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "eu-isoe-": "aws-iso-e",
    "us-isof-": "aws-iso-f",
}
"""Beginnings of region codes -> partitions that are cut off from Okta's own cloud."""


def partition_named(name: str) -> Partition:
    """The partition by the second field of its ARNs. Raises ValueError."""
    for partition in PARTITIONS:
        if partition.name == name:
            return partition
    names = ", ".join(partition.name for partition in PARTITIONS)
    raise ValueError(f"must be one of {names}, not {name!r}")


def partition_of(region: str) -> Partition:
    """The partition that a region lies in: `us-gov-west-1` -> `aws-us-gov`.

    Raises UnsupportedRegion for a region of an isolated partition, and for one that AWS did not
    list on the day of `Partition.regions`.
    """
    for partition in PARTITIONS:
        if region in partition.regions:
            return partition
    for beginning, name in ISOLATED.items():
        if region.startswith(beginning):
            raise UnsupportedRegion(f"lies in partition {name}, which is not supported")
    raise UnsupportedRegion("is not a region that AWS lists")
