"""A local AWS for each file of tests, identity providers that can forge, and moto without front."""

import base64
import json
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import count
from typing import Any
from urllib.parse import urlencode

import botocore.session
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml import SignatureConstructionMethod, XMLSigner
from werkzeug.serving import make_server
from werkzeug.test import Client

from sandbox.aws.gateway import Gateway
from sandbox.aws.server import LocalAws

ACCOUNT = "123456789012"
OTHER_ACCOUNT = "210987654321"
SIGN_IN = "https://signin.aws.amazon.com/saml"
ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"
NAMES = {
    "p": "urn:oasis:names:tc:SAML:2.0:protocol",
    "a": "urn:oasis:names:tc:SAML:2.0:assertion",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_BOTOCORE = botocore.session.Session()

Edit = Callable[[Any], None]


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


@dataclass(frozen=True)
class Pair:
    """A signing key and its certificate."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @classmethod
    def new(cls, bits: int = 2048, days: int = 365) -> "Pair":
        key = rsa.generate_private_key(65537, bits)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.example.com")])
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=days))
        )
        return cls(key, builder.sign(key, hashes.SHA256()))

    @cached_property
    def base64(self) -> str:
        return base64.b64encode(self.certificate.public_bytes(Encoding.DER)).decode()


def metadata(entity_id: str, *pairs: Pair, use: str = ' use="signing"') -> str:
    keys = "".join(
        f'<md:KeyDescriptor{use}><ds:KeyInfo xmlns:ds="{NAMES["ds"]}"><ds:X509Data>'
        f"<ds:X509Certificate>{pair.base64}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
        "</md:KeyDescriptor>"
        for pair in pairs
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<md:EntityDescriptor entityID="{entity_id}" '
        'xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">'
        '<md:IDPSSODescriptor WantAuthnRequestsSigned="false" '
        f'protocolSupportEnumeration="{NAMES["p"]}">{keys}'
        '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" '
        'Location="https://idp.example.com/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>'
    )


@dataclass(frozen=True)
class Claims:
    """What a response says; `attributes` are AWS's, by their short names."""

    attributes: dict[str, Sequence[str]]
    recipient: str = SIGN_IN
    audience: str = "urn:amazon:webservices"
    subject: str = "ada@example.com"
    issued: timedelta = timedelta(0)
    lifetime: timedelta = timedelta(minutes=5)


class _Signer(XMLSigner):
    def check_deprecated_methods(self) -> None:
        """Sign with SHA-1 too, when a test wants it refused."""


@dataclass(frozen=True)
class Idp:
    """An identity provider; `before` edits what it signs, `after` what it has signed."""

    entity_id: str
    pair: Pair

    def metadata(self, *more: Pair) -> str:
        return metadata(self.entity_id, self.pair, *more)

    def respond(
        self,
        claims: Claims,
        *,
        before: Edit = lambda root: None,
        after: Edit = lambda root: None,
        sign: Sequence[str] = ("assertion", "response"),
        pair: Pair | None = None,
        algorithm: str = "rsa-sha256",
        digest: str = "sha256",
        canonicalization: str = EXCLUSIVE,
    ) -> str:
        root = etree.fromstring(self._document(claims))
        before(root)
        signer = _Signer(
            method=SignatureConstructionMethod.enveloped,
            signature_algorithm=algorithm,
            digest_algorithm=digest,
            c14n_algorithm=canonicalization,
        )
        signer.namespaces = {"ds": NAMES["ds"]}
        by = pair or self.pair
        if "assertion" in sign:
            assertion = root.find("a:Assertion", NAMES)
            root.replace(assertion, signed(signer, assertion, by))
        if "response" in sign:
            root = signed(signer, root, by)
        after(root)
        return encoded(root)

    def _document(self, claims: Claims) -> str:
        now = datetime.now(UTC) + claims.issued
        issued, until = stamp(now), stamp(now + claims.lifetime)
        attributes = "".join(
            f'<a:Attribute Name="{ATTRIBUTES}{name}">'
            + "".join(f"<a:AttributeValue>{value}</a:AttributeValue>" for value in values)
            + "</a:Attribute>"
            for name, values in claims.attributes.items()
        )
        return f"""<p:Response xmlns:p="{NAMES["p"]}" xmlns:a="{NAMES["a"]}" ID="r1" Version="2.0"
 IssueInstant="{issued}" Destination="{claims.recipient}"><a:Issuer>{self.entity_id}</a:Issuer>
<p:Status><p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></p:Status>
<a:Assertion ID="a1" Version="2.0" IssueInstant="{issued}"><a:Issuer>{self.entity_id}</a:Issuer>
<a:Subject><a:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
>{claims.subject}</a:NameID><a:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
<a:SubjectConfirmationData NotOnOrAfter="{until}" Recipient="{claims.recipient}"/>
</a:SubjectConfirmation></a:Subject>
<a:Conditions NotBefore="{issued}" NotOnOrAfter="{until}"><a:AudienceRestriction>
<a:Audience>{claims.audience}</a:Audience></a:AudienceRestriction></a:Conditions>
<a:AuthnStatement AuthnInstant="{issued}" SessionIndex="s1"><a:AuthnContext>
<a:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</a:AuthnContextClassRef>
</a:AuthnContext></a:AuthnStatement>
<a:AttributeStatement>{attributes}</a:AttributeStatement></a:Assertion></p:Response>"""


def signed(signer: XMLSigner, element: Any, pair: Pair) -> Any:
    placeholder = etree.Element(f"{{{NAMES['ds']}}}Signature", nsmap={"ds": NAMES["ds"]})
    placeholder.set("Id", "placeholder")
    after_issuer = element[0].tag == f"{{{NAMES['a']}}}Issuer"
    element.insert(1 if after_issuer else 0, placeholder)
    return signer.sign(
        element,
        key=pair.key,
        cert=[pair.certificate],
        reference_uri=f"#{element.get('ID')}",
        id_attribute="ID",
    )


def encoded(root: Any) -> str:
    return base64.b64encode(etree.tostring(root, encoding="UTF-8")).decode()


@dataclass(frozen=True)
class Answer:
    """An HTTP answer of the query protocol."""

    status: int
    body: str

    @property
    def code(self) -> str | None:
        found = re.search(r"<Code>(.*?)</Code>", self.body)
        return found[1] if found else None

    def text(self, name: str) -> str | None:
        found = re.search(f"<{name}>(.*?)</{name}>", self.body)
        return found[1] if found else None


@dataclass
class Aws:
    """A local AWS with what tests do to it."""

    local: LocalAws
    plain_url: str = ""
    _clients: dict[Any, Any] = field(default_factory=dict)

    @cached_property
    def front(self) -> Client:
        return Client(Gateway(self.local.cloud))

    @cached_property
    def plain(self) -> Client:
        """moto on the same state, without anything of ours before it."""
        return Client(Gateway(self.local.cloud).moto)

    def client(
        self, service: str, keys: Any = None, *, account: str = ACCOUNT, region: str = "us-east-1"
    ) -> Any:
        """A botocore client: of the administrator, or with the Credentials given."""
        owner = self.local.administrators[account]
        found = keys or {
            "AccessKeyId": owner.access_key_id,
            "SecretAccessKey": owner.secret_access_key,
        }
        name = (service, found["AccessKeyId"], region)
        if name not in self._clients:
            self._clients[name] = _BOTOCORE.create_client(
                service,
                region_name=region,
                endpoint_url=self.local.url,
                aws_access_key_id=found["AccessKeyId"],
                aws_secret_access_key=found["SecretAccessKey"],
                aws_session_token=found.get("SessionToken"),
                config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
            )
        return self._clients[name]

    def plain_client(self, service: str, access_key_id: str | None = None) -> Any:
        """moto's own server on the same state: what a correction here corrects."""
        return _BOTOCORE.create_client(
            service,
            region_name="us-east-1",
            endpoint_url=self.plain_url,
            aws_access_key_id=access_key_id or self.local.administrators[ACCOUNT].access_key_id,
            aws_secret_access_key="whatever",
            config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
        )

    def unsigned(self, service: str) -> Any:
        return _BOTOCORE.create_client(
            service,
            region_name="us-east-1",
            endpoint_url=self.local.url,
            config=Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1}),
        )

    def assume_with_saml(
        self, role: str, provider: str, response: str, *, plain: bool = False, **more: str
    ) -> Answer:
        """AssumeRoleWithSAML over WSGI, unsigned, as an SDK puts it on the wire."""
        wanted = {
            "Action": "AssumeRoleWithSAML",
            "Version": "2011-06-15",
            "RoleArn": role,
            "PrincipalArn": provider,
            "SAMLAssertion": response,
        }
        reply = (self.plain if plain else self.front).post(
            "/",
            data=urlencode(wanted | more),
            content_type="application/x-www-form-urlencoded",
            base_url="http://sts.amazonaws.com",
        )
        return Answer(reply.status_code, reply.text)


@dataclass(frozen=True)
class Federation:
    """A SAML provider and a role that trusts it, made by the administrator."""

    aws: Aws
    idp: Idp
    provider: str
    role: str

    @property
    def attributes(self) -> dict[str, Sequence[str]]:
        return {"Role": [f"{self.role},{self.provider}"], "RoleSessionName": ["ada@example.com"]}

    def claims(self, **changes: Any) -> Claims:
        """Good claims; `attributes` are added, one that is None is left out."""
        more = changes.pop("attributes", {})
        merged = {k: v for k, v in (self.attributes | more).items() if v is not None}
        return Claims(merged, **changes)

    def enter(self, response: str, **more: Any) -> Answer:
        return self.aws.assume_with_saml(self.role, self.provider, response, **more)


def trust_of(provider: str, *actions: str, **condition: Any) -> str:
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": ["sts:AssumeRoleWithSAML", *actions],
    }
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    with LocalAws((ACCOUNT, OTHER_ACCOUNT)) as local:
        server = make_server("127.0.0.1", 0, Gateway(local.cloud).moto, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Aws(local, f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="session")
def pairs() -> tuple[Pair, Pair, Pair]:
    return Pair.new(), Pair.new(), Pair.new(days=730)


@pytest.fixture(scope="session")
def idp(pairs: tuple[Pair, ...]) -> Idp:
    return Idp("http://www.okta.com/exk1", pairs[0])


@pytest.fixture(scope="module")
def federate(aws: Aws, idp: Idp) -> Callable[..., Federation]:
    """Makes a provider and a role of its own: names never meet."""
    numbers = count(1)

    def make(
        *actions: str,
        by: Idp = idp,
        account: str = ACCOUNT,
        seconds: int = 3600,
        certificates: Sequence[Pair] = (),
        **condition: Any,
    ) -> Federation:
        iam, number = aws.client("iam", account=account), next(numbers)
        provider = iam.create_saml_provider(
            Name=f"Okta{number}", SAMLMetadataDocument=by.metadata(*certificates)
        )["SAMLProviderArn"]
        role = iam.create_role(
            RoleName=f"Developer{number}",
            AssumeRolePolicyDocument=trust_of(provider, *actions, **condition),
            MaxSessionDuration=seconds,
        )["Role"]["Arn"]
        return Federation(aws, by, provider, role)

    return make


@pytest.fixture(scope="module")
def federation(federate: Callable[..., Federation]) -> Federation:
    return federate("sts:TagSession", "sts:SetSourceIdentity")


@pytest.fixture(scope="session")
def aws_type() -> type[Aws]:
    return Aws


@pytest.fixture(scope="session")
def claims_type() -> type[Claims]:
    return Claims
