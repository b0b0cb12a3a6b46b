"""The partitions of AWS: their regions and where people sign in with SAML.

Source: IAM User Guide, "Configure SAML assertions for the authentication response", with its pages
for the China and GovCloud (US) Regions; AWS General Reference, "AWS sign-in endpoints and quotas".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Partition:
    """A set of regions with accounts and endpoints of its own."""

    name: str
    regions: str
    home_region: str
    sign_in_host: str
    audiences: frozenset[str]

    def contains(self, region: str) -> bool:
        """Whether a region belongs here."""
        return re.fullmatch(self.regions, region) is not None

    def is_sign_in(self, url: str) -> bool:
        """Whether a URL is the partition's SAML sign-in: global, of a region, or encrypted."""
        host = re.escape(self.sign_in_host)
        return re.fullmatch(rf"https://({self.regions}\.)?{host}/saml(/acs/\w+)?", url) is not None


_ALL = (
    Partition(
        name="aws",
        regions=r"(?:us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-\d",
        home_region="us-east-1",
        sign_in_host="signin.aws.amazon.com",
        audiences=frozenset({"https://signin.aws.amazon.com/saml", "urn:amazon:webservices"}),
    ),
    Partition(
        name="aws-us-gov",
        regions=r"us-gov-[a-z]+-\d",
        home_region="us-gov-west-1",
        sign_in_host="signin.amazonaws-us-gov.com",
        audiences=frozenset(
            {"https://signin.amazonaws-us-gov.com/saml", "urn:amazon:webservices:govcloud"}
        ),
    ),
    Partition(
        name="aws-cn",
        regions=r"cn-[a-z]+-\d",
        home_region="cn-north-1",
        sign_in_host="signin.amazonaws.cn",
        audiences=frozenset(
            {"https://signin.amazonaws.cn/saml", "urn:amazon:webservices:cn-north-1"}
        ),
    ),
)
PARTITIONS: Mapping[str, Partition] = {partition.name: partition for partition in _ALL}
