"""How a client on this machine reaches the sandbox's Okta by its name."""

import ssl
from dataclasses import dataclass
from functools import cache

DIRECT = "127.0.0.1,localhost,::1"
"""What no proxy may stand before: the local AWS, and the engine's own gRPC connections."""


@dataclass(frozen=True, kw_only=True)
class Route:
    """The proxy, and the certificates to trust."""

    proxy: str
    """`http://127.0.0.1:PORT`"""

    ca_file: str
    """PEM with the sandbox's authority alone."""

    ca_bundle: str
    """PEM with the sandbox's authority and the public ones."""

    def variables(self) -> dict[str, str]:
        """The variables that Go, Python, curl and Node read; both cases, since clients differ.

        Not AWS_CA_BUNDLE: with it AWS's SDKs for Go refuse a program that brings an HTTP client of
        its own, as okta-aws-cli does (`LoadCustomCABundleError`). botocore reads
        REQUESTS_CA_BUNDLE too.
        """
        return {
            "HTTPS_PROXY": self.proxy,
            "https_proxy": self.proxy,
            "SSL_CERT_FILE": self.ca_bundle,
            "REQUESTS_CA_BUNDLE": self.ca_bundle,
            "CURL_CA_BUNDLE": self.ca_bundle,
            "NODE_EXTRA_CA_CERTS": self.ca_file,
        }


@cache
def trust(ca_file: str) -> ssl.SSLContext:
    """A client's context that trusts this authority and no other."""
    return ssl.create_default_context(cafile=ca_file)
