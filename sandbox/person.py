"""A person's way in: password at Okta, the app's tile, a SAML response, a session at AWS."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from lxml import etree

from sandbox.browser import Browser
from sandbox.errors import SandboxError
from sandbox.network.client import Route

ATTRIBUTE = "{urn:oasis:names:tc:SAML:2.0:assertion}Attribute"
ROLE = "https://aws.amazon.com/SAML/Attributes/Role"


def saml_response(
    link: str, login: str, password: str, route: Route | None = None, *, code: str | None = None
) -> str:
    """Sign in, open the app by its link; returns what Okta's form would post (base64).

    `route` leads to the org's own name; a link to 127.0.0.1 needs none. `code` is typed where a
    second factor is asked for. Raises SandboxError if Okta does not let the person in.
    """
    with Browser(route) as browser:
        page = browser.open(link)
        page = browser.submit(
            page, page.form_with("password"), {"username": login, "password": password}
        )
        if page.has_field("passCode"):
            if code is None:
                raise SandboxError(
                    f"Okta asks {login} for a second factor: `python -m sandbox factor {login}` "
                    "prints the code, `login --code` takes it"
                )
            page = browser.submit(page, page.form_with("passCode"), {"passCode": code})
        if not page.has_field("SAMLResponse"):
            raise SandboxError(f"Okta did not let {login} into the app: {page.message}")
        response: str = page.form_with("SAMLResponse").fields["SAMLResponse"]
        return response


def role_pairs(response: str) -> list[tuple[str, str]]:
    """The roles that the response offers: (role ARN, provider ARN), whichever way Okta put them."""
    document = etree.fromstring(base64.b64decode(response), etree.XMLParser(resolve_entities=False))
    values = [
        "".join(value.itertext()).split(",")
        for attribute in document.iter(ATTRIBUTE)
        if attribute.get("Name") == ROLE
        for value in attribute
    ]
    return [
        (first, second) if ":role/" in first else (second, first)
        for first, second in ((a.strip(), b.strip()) for a, b in values)
    ]


@dataclass(frozen=True)
class Session:
    """Temporary credentials, and whose they are."""

    credentials: Mapping[str, Any]
    endpoint: str | None
    """Of the local AWS; None: AWS itself, or what AWS_ENDPOINT_URL says."""

    def client(self, service: str, region: str = "us-east-1") -> Any:
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=region,
            aws_access_key_id=self.credentials["AccessKeyId"],
            aws_secret_access_key=self.credentials["SecretAccessKey"],
            aws_session_token=self.credentials["SessionToken"],
            config=Config(proxies={}, retries={"max_attempts": 1}, s3={"addressing_style": "path"}),
        )

    def caller(self) -> str:
        arn: str = self.client("sts").get_caller_identity()["Arn"]
        return arn


def assume(response: str, role_arn: str, provider_arn: str, endpoint: str | None) -> Session:
    """Exchange the response at STS, as a browser's sign-in and the CLIs do. Raises ClientError."""
    sts = boto3.client(
        "sts",
        endpoint_url=endpoint,
        region_name="us-east-1",
        config=Config(signature_version=UNSIGNED, proxies={}, retries={"max_attempts": 1}),
    )
    answer = sts.assume_role_with_saml(
        RoleArn=role_arn, PrincipalArn=provider_arn, SAMLAssertion=response
    )
    return Session(answer["Credentials"], endpoint)


def outcome(call: Any, **arguments: Any) -> str:
    """`allowed`, or the code of the refusal."""
    try:
        call(**arguments)
    except ClientError as error:
        code: str = error.response["Error"]["Code"]
        return code
    return "allowed"


def with_other_email(response: str, login: str) -> str:
    """The same response with one character of the e-mail changed, as a forger would."""
    document = base64.b64decode(response)
    other = chr(ord(login[0]) + 1) + login[1:]
    forged = document.replace(login.encode(), other.encode())
    if forged == document:
        raise SandboxError(f"the response does not name {login}")
    return base64.b64encode(forged).decode()
