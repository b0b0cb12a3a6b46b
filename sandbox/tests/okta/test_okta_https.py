"""The org under its own name: HTTPS, the certificates, the proxy that leads there."""

import shutil
import socket
import ssl
import subprocess
from urllib.parse import urlsplit

import boto3
import httpx
import psutil
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from cryptography import x509

from sandbox.aws.server import LocalAws
from sandbox.browser import Browser
from sandbox.errors import SandboxError
from sandbox.network.client import trust
from sandbox.okta.behavior import Switches
from sandbox.okta.server import LocalOkta
from sandbox.person import role_pairs, saml_response

NAME = "https://sandbox.okta.test"
ADA = "ada@example.com"


@pytest.fixture
def okta(aws, tmp_path):
    switches = Switches(rate_limit_scale=1000)
    with LocalOkta(aws.url, switches=switches, certificates=tmp_path / "certificates") as local:
        yield local


@pytest.fixture
def named(okta):
    """A client that knows the proxy and the certificate, as variables give them."""
    with httpx.Client(
        base_url=NAME,
        proxy=okta.route.proxy,
        verify=trust(okta.route.ca_file),
        trust_env=False,
    ) as client:
        yield client


def token(okta):
    return {"Authorization": f"SSWS {okta.token}"}


def curl(route, *arguments, ca=True):
    certificates = ["--cacert", route.ca_file] if ca else []
    return subprocess.run(
        ["curl", "-sS", "--proxy", route.proxy, *certificates, *arguments],
        capture_output=True,
        text=True,
        env={},
    )


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_curl_with_the_printed_certificate_and_proxy_gets_an_answer(okta):
    answer = curl(okta.route, f"{NAME}/.well-known/okta-organization")

    assert '"pipeline":"idx"' in answer.stdout


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_curl_without_the_certificate_trusts_nothing(okta):
    refused = curl(okta.route, f"{NAME}/.well-known/okta-organization", ca=False)

    assert refused.returncode == 60
    assert refused.stdout == ""


def test_links_begin_with_the_address_that_was_asked_for(okta, named, api):
    by_name = named.get("/api/v1/users", headers=token(okta))
    by_address = api.client.get("/api/v1/users")

    assert by_name.json()[0]["_links"]["self"]["href"].startswith(f"{NAME}/api/v1/users/")
    assert NAME not in by_address.text
    assert okta.url not in by_name.text
    assert by_name.headers["link"].startswith(f"<{NAME}/api/v1/users")


def test_the_metadata_name_the_org(okta, named, api):
    app = api.new_app()
    metadata = named.get(f"/api/v1/apps/{app['id']}/sso/saml/metadata", headers=token(okta)).text

    assert f'Location="{NAME}/app/amazon_aws/' in metadata
    assert "127.0.0.1" not in metadata


def test_cookies_are_for_https_only_there(okta, named, api):
    password = okta.people[ADA].password
    given = {"username": ADA, "password": password}
    for client, secure in ((named, True), (api.client, False)):
        ticket = client.post("/api/v1/authn", json=given).json()["sessionToken"]
        answer = client.post("/api/v1/sessions", json={"sessionToken": ticket})
        cookies = answer.headers.get_list("set-cookie")
        assert all(("Secure" in cookie) == secure for cookie in cookies)


def test_a_person_signs_in_by_name_and_lands_on_awss_own_address(okta, named, api):
    app = api.new_app()["id"]
    group = api.new_group("AWSDeveloper", ADA)
    okta.org.switches = okta.org.switches.with_changes({"strict_roles": False})
    api.assign(app, group, profile={"samlRoles": ["OktaDeveloper"]})
    link = f"{NAME}/home/amazon_aws/{app}/272"

    response = saml_response(link, ADA, okta.people[ADA].password, okta.route)

    assert role_pairs(response)[0][0].endswith(":role/OktaDeveloper")
    with Browser(okta.route) as browser:
        page = browser.open(link)
        filled = {"username": ADA, "password": okta.people[ADA].password}
        page = browser.submit(page, page.form_with("password"), filled)
        form = page.form_with("SAMLResponse")
        assert form.action == "https://signin.aws.amazon.com/saml"
        console = browser.submit(page, form, {})
        assert console.url == "https://signin.aws.amazon.com/console/home"
        assert "assumed-role/OktaDeveloper/ada@example.com" in console.text


def test_the_page_may_post_to_aws_and_nowhere_else(okta, named, api):
    app = api.new_app()["id"]
    api.assign(app, api.new_group("g", ADA))
    given = {"username": ADA, "password": okta.people[ADA].password}
    ticket = named.post("/api/v1/authn", json=given).json()["sessionToken"]

    page = named.get(
        f"/home/amazon_aws/{app}/272", params={"sessionToken": ticket}, follow_redirects=True
    )

    assert "form-action 'self' https://signin.aws.amazon.com;" in (
        page.headers["content-security-policy"] + ";"
    )


def test_session_cookie_redirect_takes_both_of_the_orgs_addresses(okta, named):
    given = {"username": ADA, "password": okta.people[ADA].password}
    for target, status in ((f"{NAME}/app", 302), (okta.url, 302), ("https://other.test/", 403)):
        ticket = named.post("/api/v1/authn", json=given).json()["sessionToken"]
        query = {"token": ticket, "redirectUrl": target}
        assert named.get("/login/sessionCookieRedirect", params=query).status_code == status


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("example.com:443", 403),
        ("sandbox.okta.test:80", 403),
        ("evil-sandbox.okta.test:443", 403),
        ("x.sandbox.okta.test:443", 403),
        ("SANDBOX.okta.test:443", 200),
        ("eu-central-1.signin.aws.amazon.com:443", 200),
        ("127.0.0.1:22", 403),
        ("nonsense", 403),
    ],
)
def test_the_proxy_leads_to_the_sandbox_alone(okta, target, status):
    answer = ask_proxy(okta, f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n")

    assert answer.startswith(f"HTTP/1.1 {status} ".encode())


@pytest.mark.parametrize(
    ("request_head", "status"),
    [("GET http://example.com/ HTTP/1.1\r\n\r\n", b"405"), ("\r\n\r\n", b"405")],
)
def test_the_proxy_serves_connect_only(okta, request_head, status):
    assert ask_proxy(okta, request_head).split()[1] == status


def test_a_client_that_says_nothing_or_too_much_stops_nobody(okta, named):
    port = urlsplit(okta.route.proxy).port
    with (
        socket.create_connection(("127.0.0.1", port)),
        socket.create_connection(("127.0.0.1", port)) as loud,
    ):
        loud.sendall(b"x" * 200_000)
        assert named.get("/.well-known/okta-organization").status_code == 200


def ask_proxy(okta, request):
    with socket.create_connection(("127.0.0.1", urlsplit(okta.route.proxy).port), 10) as client:
        client.sendall(request.encode())
        return client.recv(4096)


def test_nothing_listens_beyond_loopback(okta):
    listening = [
        one.laddr.ip
        for one in psutil.Process().net_connections("tcp")
        if one.status == psutil.CONN_LISTEN
    ]

    assert len(listening) >= 4
    assert set(listening) == {"127.0.0.1"}


def test_only_certificates_are_left_in_the_folder(okta, tmp_path):
    folder = tmp_path / "certificates"

    assert {file.name for file in folder.iterdir()} == {"ca.pem", "ca-bundle.pem"}
    for file in folder.iterdir():
        assert "PRIVATE KEY" not in file.read_text()
    authority = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
    constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (constraints.ca, constraints.path_length) == (True, 0)


def test_another_sandboxs_certificate_is_not_trusted(okta, aws, tmp_path):
    with LocalOkta(aws.url, certificates=tmp_path / "other") as other:
        mixed = httpx.Client(
            proxy=okta.route.proxy, verify=trust(other.route.ca_file), trust_env=False
        )
        with mixed, pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            mixed.get(NAME)


def test_the_variables_are_enough_for_a_client_that_reads_its_environment(okta, monkeypatch):
    for name, value in okta.route.variables().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    assert httpx.get(f"{NAME}/.well-known/okta-organization").status_code == 200
    assert ssl.create_default_context(cafile=okta.route.ca_bundle).cert_store_stats()["x509"] > 50


def test_sts_by_its_real_name_is_the_local_one(tmp_path, monkeypatch):
    with LocalAws() as aws, LocalOkta(aws.url, certificates=tmp_path) as okta:
        for name, value in okta.route.variables().items():
            monkeypatch.setenv(name, value)
        for name in ("AWS_ENDPOINT_URL", "AWS_CA_BUNDLE"):  # as `sandbox env` unsets it
            monkeypatch.delenv(name, raising=False)
        for region in ("us-east-1", "eu-central-1"):
            sts = boto3.client(
                "sts",
                region_name=region,
                config=Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1}),
            )
            with pytest.raises(ClientError) as refused:
                sts.assume_role_with_saml(
                    RoleArn="arn:aws:iam::123456789012:role/none",
                    PrincipalArn="arn:aws:iam::123456789012:saml-provider/none",
                    SAMLAssertion="PHg+PC94Pg==",
                )
            assert refused.value.response["ResponseMetadata"]["HTTPHeaders"]["server"].startswith(
                "Werkzeug"
            )


def test_a_name_that_is_not_served_is_one_line_in_the_browser(okta):
    with Browser(okta.route) as browser, pytest.raises(SandboxError) as refused:
        browser.open("https://example.com/")

    assert "https://example.com/ can't be opened (403 Forbidden)" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_other_names_are_tunnelled_where_that_was_asked_for(aws, tmp_path, monkeypatch):
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    monkeypatch.delenv("https_proxy", raising=False)
    port = urlsplit(aws.url).port
    with LocalOkta(aws.url, certificates=tmp_path, tunnel_others=True) as okta:
        head = f"CONNECT localhost:{port} HTTP/1.1\r\n\r\n"
        assert ask_proxy(okta, head).startswith(b"HTTP/1.1 200")
        assert ask_proxy(okta, "CONNECT localhost:1 HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 502")
        # And through the proxy of the environment, here the sandbox's own.
        monkeypatch.setenv("https_proxy", okta.route.proxy)
        with LocalOkta(aws.url, certificates=tmp_path / "b", tunnel_others=True) as behind:
            assert ask_proxy(behind, head).startswith(b"HTTP/1.1 200")
