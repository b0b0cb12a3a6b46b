"""What a SAML response for AWS has to be addressed to, in each partition.

Source: IAM User Guide, "Configure SAML assertions for the authentication response", with its pages
for the China and GovCloud (US) Regions; AWS General Reference, "AWS sign-in endpoints and quotas".
For the European Sovereign Cloud no audience is published: its sign-in URLs are taken there.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from okta_aws_federation.partitions import PARTITIONS, Partition

BY_NAME: Mapping[str, Partition] = {partition.name: partition for partition in PARTITIONS}

_ENCRYPTED = re.compile(r"/acs/\w+", re.ASCII)


@lru_cache(maxsize=8)
def sign_in_urls(partition: Partition) -> frozenset[str]:
    """The sign-in pages: the global one, where there is one, and those of the regions."""
    regional = (partition.regional_sign_in_url(region) for region in partition.regions)
    return frozenset((partition.sign_in_url, *regional))


def is_sign_in_url(partition: Partition, url: str) -> bool:
    """Whether a URL is the partition's SAML sign-in, also that for encrypted assertions."""
    host, page, provider = url.partition("/saml")
    complete = not provider or _ENCRYPTED.fullmatch(provider) is not None
    return complete and f"{host}{page}" in sign_in_urls(partition)


def audiences(partition: Partition) -> frozenset[str]:
    """The values of Audience of which a response needs one."""
    pages = {partition.sign_in_url}
    if not partition.has_global_sign_in:
        pages |= sign_in_urls(partition)
    return frozenset(pages | {partition.saml_entity_id})
