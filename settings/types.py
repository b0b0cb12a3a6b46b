"""The strings of a stack file, each with the form that AWS or Okta asks of it.

Sources: IAM API reference and "IAM and AWS STS quotas" for names, Okta's API reference for groups.
"""

import ipaddress
import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
)
from pydantic_core import core_schema

from okta_aws_federation import defaults
from okta_aws_federation.partitions import UnsupportedRegion, partition_of
from settings.errors import invalid
from settings.expressions import expression, group_rule
from settings.text import (
    iam_description,
    tag_key,
    tag_text,
    trimmed_line,
    visible,
)


@dataclass(frozen=True)
class PatternString:
    """A string that must match `pattern` as a whole."""

    pattern: str
    rule: str
    fix: str

    def check(self, value: str) -> str:
        """The value as it is. Raises what pydantic takes for a refusal."""
        if not re.fullmatch(self.pattern, value, re.ASCII):
            raise invalid(self.rule, self.fix)
        return value

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "pattern": f"^(?:{self.pattern})$"}


def _network(value: str) -> str:
    try:
        network = ipaddress.ip_network(value)
        ipaddress.ip_network(value.replace("%", " "))  # a zone, which IAM does not take
    except ValueError as error:
        raise invalid(
            f"is not a range of addresses: {error}", "write it as 203.0.113.0/24"
        ) from None
    if network.prefixlen == 0:
        raise invalid("is every address, so that it limits nothing", "leave it out, or narrow it")
    return str(network)


def _region(value: str) -> str:
    try:
        partition_of(value)
    except UnsupportedRegion as error:
        raise invalid(str(error), "write a region such as us-east-1") from None
    return value


def _region_of_arn(value: str) -> str:
    _region(value.split(":")[3])
    return value


def _day(value: Any) -> Any:
    """The engine hands a day over as Go writes a moment, unless it stands in quotes."""
    text = value.removesuffix(" 00:00:00 +0000 UTC") if isinstance(value, str) else value
    try:
        day = date.fromisoformat(text) if isinstance(text, str) else text
    except ValueError:
        raise invalid("is not a day", "write it as 2026-12-31") from None
    if isinstance(day, date) and not 2000 <= day.year <= 2999:
        raise invalid("is not in the years 2000 to 2999", "correct it, or leave the key out")
    return day


IAM_NAME = r"[\w+=,.@-]"
IAM_NAME_RULE = "letters, digits or + = , . @ - _"

AccountId = Annotated[
    str,
    PatternString(r"\d{12}", "must be 12 digits", 'write the account id in quotes: "123456789012"'),
]
SessionHours = Annotated[int, Field(ge=defaults.SESSION_HOURS[0], le=defaults.SESSION_HOURS[-1])]
ShortName = Annotated[
    str,
    PatternString(
        r"[A-Za-z][\w-]{0,31}",
        "must be 1 to 32 letters, digits or - _, and begin with a letter",
        "choose a short name such as main",
    ),
]
Region = Annotated[
    str,
    PatternString(
        r"[a-z]{2,4}(-[a-z]+)+-\d", "must be an AWS region", "write a region such as us-east-1"
    ),
    AfterValidator(_region),
]
ProviderName = Annotated[
    str,
    PatternString(
        r"[\w.-]{1,128}",
        "must be 1 to 128 letters, digits or . _ -",
        "choose a SAML provider name such as Okta",
    ),
]
RoleName = Annotated[
    str,
    PatternString(
        rf"(?!AWSServiceRoleFor|AWSReservedSSO_){IAM_NAME}{{1,64}}",
        f"must be 1 to 64 {IAM_NAME_RULE}, and not begin as roles that AWS makes",
        "shorten or rename the role",
    ),
]
RoleArn = Annotated[
    str,
    PatternString(
        rf"arn:aws[\w-]*:iam::\d{{12}}:role/({IAM_NAME}+/)*{IAM_NAME}{{1,64}}",
        "must be a role's ARN",
        "write it as arn:aws:iam::123456789012:role/Deployer",
    ),
]
TopicArn = Annotated[
    str,
    PatternString(
        r"arn:aws[\w-]*:(sns(?=.*:[\w-]{1,256}$)|sqs(?=.*:[\w-]{1,80}$)):[a-z]{2,4}(-[a-z]+)+-\d"
        r":\d{12}:[\w-]+",
        "must be the ARN of an SNS topic or an SQS queue",
        "write it as arn:aws:sns:us-east-1:123456789012:emergency",
    ),
    AfterValidator(_region_of_arn),
]
UserName = Annotated[
    str,
    PatternString(
        IAM_NAME + "{1,64}", f"must be 1 to 64 {IAM_NAME_RULE}", "choose a name such as OktaSSOuser"
    ),
]
PolicyName = Annotated[
    str,
    PatternString(
        IAM_NAME + "{1,128}", f"must be 1 to 128 {IAM_NAME_RULE}", "shorten or rename it"
    ),
]
KMS_KEY_ID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}"
KmsKey = Annotated[
    str,
    PatternString(
        rf"{KMS_KEY_ID}|alias/[\w/-]{{1,250}}"
        rf"|arn:aws[\w-]*:kms:[a-z0-9-]+:\d{{12}}:(key/({KMS_KEY_ID})|alias/[\w/-]{{1,250}})",
        "must be the id, the alias or the ARN of a KMS key",
        "write it as alias/okta",
    ),
]
PolicyReference = Annotated[
    str,
    PatternString(
        rf"(arn:aws[\w-]*:iam::(aws|\d{{12}}):policy/)?({IAM_NAME}+/)*{IAM_NAME}{{1,128}}",
        "must be the name of an AWS managed policy or a policy ARN",
        "write a name such as AmazonEC2ReadOnlyAccess, or the whole ARN",
    ),
]
SamlProviderReference = Annotated[
    str,
    PatternString(
        r"arn:aws[\w-]*:iam::\d{12}:saml-provider/[\w.-]{1,128}|[\w.-]{1,128}",
        "must be the name of a SAML provider or its ARN",
        "write a name such as OktaOld, or the whole ARN",
    ),
]
Path = Annotated[
    str,
    PatternString(
        r"/|/(?!aws-service-role/|aws-reserved/)[!-~]{1,510}/",
        "must begin and end with / and be at most 512 characters, and not be a path of AWS's own",
        "write it as /okta/",
    ),
]
TAG_PATTERN = r"""[^\x00-\x1f!"#$%&'()*,;<>?\[\\\]^`{|}~\x7f]"""
"""For the JSON Schema, whose readers don't all know \\p{L}; what they let pass is refused here."""
TagKey = Annotated[
    str,
    Field(min_length=1, max_length=128, json_schema_extra={"pattern": f"^(?!aws:){TAG_PATTERN}+$"}),
    AfterValidator(tag_key),
]
TagValue = Annotated[
    str,
    Field(max_length=256, json_schema_extra={"pattern": f"^{TAG_PATTERN}*$"}),
    AfterValidator(tag_text),
]
GroupName = Annotated[
    str,
    PatternString(
        r".{1,255}", "must be 1 to 255 characters in one line", "shorten or rename the Okta group"
    ),
    AfterValidator(trimmed_line),
]
# As Okta takes it; what AWS takes as session name is `settings.checks.people`.
Login = Annotated[
    str,
    PatternString(
        r'[^"\\]{1,100}', "must be 1 to 100 characters without quotation marks", "correct the login"
    ),
    AfterValidator(trimmed_line),
]
EMAIL = (
    r"(?=.{5,100}$)[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])"
)
"""Okta API reference, user profile: RFC 5322, section 3.2.3, and 5 to 100 characters."""
NewLogin = Annotated[
    Login,
    PatternString(
        EMAIL,
        "must be an e-mail address: Okta takes no other login for somebody new",
        "write it as ada@example.com",
    ),
]
SourceIdentityPattern = Annotated[
    str,
    PatternString(
        r"(?!aws:)[\w+=,.@*?-]{1,64}",
        f"must be 1 to 64 {IAM_NAME_RULE} or the wildcards * ?, and not begin with aws:",
        "write it as *@example.com",
    ),
]
Action = Annotated[
    str,
    PatternString(
        r"[a-z0-9-]+:[A-Za-z0-9*?]+", "must be service:Action", "write it as ec2:DescribeInstances"
    ),
]
Arn = Annotated[
    str,
    PatternString(
        r"arn:aws[\w-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12}|aws)?:[^*?\s]([^*?\t\n\r]*[^*?\s])?",
        "must be the ARN of one resource, without wildcards",
        "write it as arn:aws:s3:::reports/2026.csv",
    ),
]
ConditionOperator = Annotated[
    str,
    PatternString(
        r"(ForAllValues:|ForAnyValue:)?(String(Not)?(Equals|EqualsIgnoreCase|Like)|"
        r"(Numeric|Date)(Not)?Equals|(Numeric|Date)(Less|Greater)Than(Equals)?|Bool|BinaryEquals|"
        r"(Not)?IpAddress|Arn(Not)?(Equals|Like))(IfExists)?|Null",
        "is not a condition operator of IAM",
        "write one such as StringEquals",
    ),
]
HttpsUrl = Annotated[
    str,
    PatternString(
        r"https://[A-Za-z0-9.-]+(:\d+)?([/?#]\S{0,1000})?",
        "must be an https address",
        "write it with https:// and a host alone in front of the path",
    ),
]
OktaId = Annotated[
    str,
    PatternString(
        r"\w{20}", "must be an id of Okta: 20 characters", "copy it from Okta's address bar"
    ),
]
Network = Annotated[str, AfterValidator(_network)]
Day = Annotated[date, BeforeValidator(_day)]
Label = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(trimmed_line)]
Expression = Annotated[str, Field(min_length=1, max_length=1024), AfterValidator(expression)]
RuleExpression = Annotated[Expression, AfterValidator(group_rule)]
Description = Annotated[str, Field(max_length=1024), AfterValidator(visible)]
RoleDescription = Annotated[
    str, Field(max_length=1000), AfterValidator(iam_description), AfterValidator(visible)
]
Email = Annotated[str, PatternString(EMAIL, "must be an e-mail address", "correct it")]


def short_name(policy: str) -> str:
    """A policy's name without its path: what the attachment's resource is named after."""
    return policy.rpartition("/")[2]
