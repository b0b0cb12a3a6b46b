"""What identity-provider metadata must hold before AWS is given it."""

from xml.etree import ElementTree

METADATA = "urn:oasis:names:tc:SAML:2.0:metadata"
SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"


def checked_metadata(document: str | None) -> str:
    """The document as it came, or a refusal: AWS's own would quote all of it.

    Limits: `CreateSAMLProvider` takes 1,000 to 10,000,000 characters and wants an entity ID and a
    signing certificate (IAM API reference).
    """
    # An inactive app, and one whose app was activated later in the same state, has no metadata.
    if not document:
        raise ValueError("the Okta app has no metadata: activate it, then run `pulumi refresh`")
    if not 1000 <= len(document) <= 10_000_000:
        raise ValueError(
            f"Okta's metadata has {len(document)} characters; AWS takes 1,000 to 10,000,000"
        )
    try:
        # The document comes from Okta over TLS, and expat bounds entity expansion.
        root = ElementTree.fromstring(document)  # noqa: S314
    except ElementTree.ParseError as error:
        raise ValueError(f"Okta's metadata is not XML: {error}") from None
    if root.tag != f"{{{METADATA}}}EntityDescriptor" or not root.get("entityID"):
        raise ValueError(
            f"Okta's metadata is a {root.tag}; AWS wants an EntityDescriptor with an entityID"
        )
    provider = root.find(f".//{{{METADATA}}}IDPSSODescriptor")
    if provider is None or provider.find(f".//{{{SIGNATURE}}}X509Certificate") is None:
        raise ValueError(
            "Okta's metadata holds no signing certificate, so AWS could verify no login"
        )
    return document
