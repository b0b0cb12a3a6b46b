"""What differs between AWS partitions: names, ARNs, sign-in pages.

Sources: the endpoint tables of the IAM User Guide ("AWS sign-in endpoints and quotas") and the
per-partition sign-in hosts that the CDK lists for SAML console principals.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Partition:
    """One partition; `name` is the second field of each of its ARNs."""

    name: str
    sign_in_host: str
    console: str
    """The console's start page: where Okta sends a person after the sign-in."""
    home_region: str
    """Where the services are that have one endpoint for all regions, such as IAM."""
    okta_environment: str
    """`awsEnvironmentType` of Okta's app. Only `aws.amazon` is published; the others follow the
    names of the hosts, and a stack file can say another."""

    @property
    def sign_in_url(self) -> str:
        """Where an assertion is posted; it is also what roles see as `SAML:aud`."""
        return f"https://{self.sign_in_host}/saml"

    def regional_sign_in_url(self, region: str) -> str:
        """The same in one region, for sign-ins that survive an outage of the global endpoint."""
        return f"https://{region}.{self.sign_in_host}/saml"

    def saml_provider_arn(self, account: str, name: str) -> str:
        return f"arn:{self.name}:iam::{account}:saml-provider/{name}"

    def role_arn(self, account: str, name: str, path: str = "/") -> str:
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
)
GOVCLOUD = Partition(
    "aws-us-gov",
    "signin.amazonaws-us-gov.com",
    "https://console.amazonaws-us-gov.com/ec2/home",
    "us-gov-west-1",
    "amazonaws-us-gov",
)
CHINA = Partition(
    "aws-cn",
    "signin.amazonaws.cn",
    "https://console.amazonaws.cn/ec2/home",
    "cn-north-1",
    "amazonaws.cn",
)

PARTITIONS = (AWS, GOVCLOUD, CHINA)


def partition_of(region: str) -> Partition:
    """The partition that a region lies in: `us-gov-west-1` -> `aws-us-gov`."""
    if region.startswith("us-gov-"):
        return GOVCLOUD
    if region.startswith("cn-"):
        return CHINA
    return AWS
