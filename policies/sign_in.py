"""Where each AWS partition signs people in, which is the audience that its roles may ask for."""

import re

SIGN_IN = {
    "aws": "signin.aws.amazon.com",
    "aws-us-gov": "signin.amazonaws-us-gov.com",
    "aws-cn": "signin.amazonaws.cn",
    "aws-eusc": "signin.amazonaws-eusc.eu",
    "aws-iso": "signin.c2shome.ic.gov",
    "aws-iso-b": "signin.sc2shome.sgov.gov",
}
"""Partition -> host of the sign-in page.

Sources: "Enable SAML 2.0 federated principals to access the AWS Management Console" in the IAM user
guide, and for the isolated partitions the table of the AWS CDK (aws-cdk-lib/aws-iam SamlProvider).
"""

REGIONAL_ONLY = {"aws-eusc": "eusc-de-east-1"}
"""Partitions whose sign-in page has a region in its name always -> their first region."""

# The endpoint of us-east-1 is the one without a region in its name.
_REGION = r"(?!us-east-1\.)[a-z]{2,4}(?:-[a-z]+)+-\d"
_ACS_ID = r"[A-Za-z0-9]+"


def hint(partition: str) -> str:
    """The default audience of a partition in brackets, or nothing if the partition is not known."""
    if partition not in SIGN_IN:
        return ""
    region = f"{REGIONAL_ONLY[partition]}." if partition in REGIONAL_ONLY else ""
    return f" (https://{region}{SIGN_IN[partition]}/saml)"


def is_audience(value: str, partition: str, *, pattern: bool) -> bool:
    """Whether a value of SAML:aud is a sign-in endpoint of the partition.

    Beside the global endpoint each region has one (https://eu-west-1.signin.aws.amazon.com/saml),
    and a provider that takes encrypted assertions adds its own id (/saml/acs/<id>). With a pattern
    (StringLike) a * may stand for the region or for the id, and for nothing else.
    """
    region, acs_id = (rf"(?:\*|{_REGION})", rf"(?:\*|{_ACS_ID})") if pattern else (_REGION, _ACS_ID)
    if partition not in SIGN_IN:
        return False
    host = re.escape(SIGN_IN[partition])
    optional = "" if partition in REGIONAL_ONLY else "?"
    endpoint = rf"https://(?:{region}\.){optional}{host}/saml(?:/acs/{acs_id})?"
    return re.fullmatch(endpoint, value) is not None
