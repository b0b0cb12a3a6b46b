"""What the app says of a person beside name and roles: session tags and source identity.

Source: IAM User Guide, "Configure SAML assertions for the authentication response".
"""

from collections.abc import Mapping

from pulumi_okta.app import SamlAttributeStatementArgs

ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes"
URI = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"


def attribute_statements(
    session_tags: Mapping[str, str], source_identity: str | None
) -> list[SamlAttributeStatementArgs]:
    """The app's attribute statements. Okta compares them in order, so it is always the same."""
    expressions = {f"PrincipalTag:{key}": session_tags[key] for key in sorted(session_tags)}
    if source_identity is not None:
        expressions["SourceIdentity"] = source_identity
    return [
        SamlAttributeStatementArgs(
            type="EXPRESSION", name=f"{ATTRIBUTES}/{name}", namespace=URI, values=[expression]
        )
        for name, expression in expressions.items()
    ]
