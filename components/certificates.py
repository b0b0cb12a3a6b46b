"""The certificate that the app signs with: its keys, and the metadata that AWS gets of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from xml.etree import ElementTree

import pulumi
from pulumi_aws.iam import SamlProvider
from pulumi_okta.app import Saml, get_metadata_saml

from okta_aws_federation import defaults

from .errors import looked_up, require_range

METADATA = "urn:oasis:names:tc:SAML:2.0:metadata"
SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """The app's signing certificate. Raises InvalidArgs."""

    signing_key_name: str | None = None
    """A new name makes Okta generate a key and sign with it; None leaves the first key alone."""

    years: int = defaults.CERTIFICATE_YEARS
    """How long a generated certificate is valid: 2 to 10."""

    additional_key_ids: Sequence[str] = ()
    """Ids of further keys of the app that AWS accepts, while one takes over from another."""

    warn_days: int = defaults.CERTIFICATE_WARN_DAYS
    """How many days before the end a run begins to warn."""

    today: date | None = None
    """The day of the run; without one, there is no warning."""

    def __post_init__(self) -> None:
        require_range("years of the certificate", self.years, defaults.CERTIFICATE_VALID_YEARS)


def current_metadata(
    app: Saml, *, active: bool, parent: pulumi.Resource
) -> pulumi.Output[str | None]:
    """The app's metadata as Okta has it now.

    It is looked up after the app, not taken from the state, which is as old as the last refresh: an
    administrator may have activated another key since. Without a `key_id` Okta answers with the key
    that signs. An inactive app is not asked.
    """

    def look_up(app_id: str) -> str:
        return looked_up(
            f"the SAML metadata of Okta app {app_id}",
            "if the app was deleted in Okta, run `pulumi refresh`",
            lambda: get_metadata_saml(app_id=app_id, opts=pulumi.InvokeOptions(parent=parent)),
        ).metadata

    return app.id.apply(look_up) if active else app.metadata


def trusted_metadata(
    app: Saml, current: pulumi.Output[str | None], additional_key_ids: Sequence[str]
) -> pulumi.Output[str]:
    """The app's metadata for AWS: the key that Okta signs with now (`current`), and further keys.

    A roll-over without a gap: generate a key in Okta, `pulumi refresh`, name the key in
    `additional_key_ids` and deploy, make it active in Okta, `pulumi refresh`, take it out again.
    Raises RunError where the state has another key than Okta, because an update of the app would
    make Okta sign with that again.
    """

    def with_keys(values: Sequence[Any]) -> str:
        document, recorded, keys = values
        if pulumi.runtime.is_dry_run() and recorded:
            require_recorded_key(document, recorded)
        return add_certificates(document, keys, additional_key_ids)

    return pulumi.Output.all(current, app.metadata, app.keys).apply(with_keys)


def require_recorded_key(current: str, recorded: str) -> None:
    """Raises RunError if Okta signs with a key that Pulumi's state does not have as the app's."""
    if signing_certificates(current) != signing_certificates(recorded):
        raise pulumi.RunError(
            "the Okta app signs with another key than Pulumi's state has; run `pulumi refresh`, "
            "then preview again"
        )


def signing_certificates(document: str) -> set[str]:
    """The certificates in a metadata document, base64 without white space."""
    root = ElementTree.fromstring(document)  # noqa: S314 - it comes from Okta over TLS
    return {
        "".join((element.text or "").split())
        for element in root.iter(f"{{{SIGNATURE}}}X509Certificate")
    }


def add_certificates(
    document: str | None, keys: Sequence[Mapping[str, Any]], key_ids: Sequence[str]
) -> str:
    """Metadata with a further signing key for each id whose certificate it does not have yet.

    `keys` are the app's, as Okta lists them: `kid`, and in `x5cs` the certificate. Raises
    RunError for an id that the app does not have, and for metadata that AWS would refuse.
    """
    checked = checked_metadata(document)
    by_id = {key["kid"]: key["x5cs"][0] for key in keys}
    for kid in key_ids:
        if kid not in by_id:
            raise pulumi.RunError(
                f"additional_key_ids (alsoTrusted in a stack file) names key {kid}, and the app "
                f"has {', '.join(by_id)}; run `pulumi refresh` if Okta has a newer key"
            )
    if not key_ids:
        return checked
    ElementTree.register_namespace("md", METADATA)
    ElementTree.register_namespace("ds", SIGNATURE)
    root = ElementTree.fromstring(checked)  # noqa: S314 - `checked_metadata` has read it before
    present = signing_certificates(checked)
    [provider] = root.iter(f"{{{METADATA}}}IDPSSODescriptor")
    for certificate in (by_id[kid] for kid in sorted(key_ids)):
        if certificate not in present:
            provider.insert(0, key_descriptor(certificate))
    return ElementTree.tostring(root, encoding="unicode")


def key_descriptor(certificate: str) -> ElementTree.Element:
    """A signing key of the metadata, by its certificate in base64."""
    key = ElementTree.Element(f"{{{METADATA}}}KeyDescriptor", use="signing")
    info = ElementTree.SubElement(key, f"{{{SIGNATURE}}}KeyInfo")
    data = ElementTree.SubElement(info, f"{{{SIGNATURE}}}X509Data")
    ElementTree.SubElement(data, f"{{{SIGNATURE}}}X509Certificate").text = certificate
    return key


def checked_metadata(document: str | None) -> str:
    """The document unchanged. Raises RunError where AWS would refuse it and quote all of it.

    Limits: `CreateSAMLProvider` takes 1,000 to 10,000,000 characters and wants an entity ID and a
    signing certificate (IAM API reference).
    """
    # An inactive app, and one that was activated later in the same state, has no metadata.
    if not document:
        raise pulumi.RunError(
            "the Okta app has no metadata: activate it, then run `pulumi refresh`"
        )
    if not 1000 <= len(document) <= 10_000_000:
        raise pulumi.RunError(
            f"Okta's metadata has {len(document)} characters; AWS takes 1,000 to 10,000,000"
        )
    try:
        # The document comes from Okta over TLS, and expat bounds entity expansion.
        root = ElementTree.fromstring(document)  # noqa: S314
    except ElementTree.ParseError as error:
        raise pulumi.RunError(f"Okta's metadata is not XML: {error}") from None
    if root.tag != f"{{{METADATA}}}EntityDescriptor" or not root.get("entityID"):
        raise pulumi.RunError(
            f"Okta's metadata is a {root.tag}; AWS wants an EntityDescriptor with an entityID"
        )
    provider = root.find(f".//{{{METADATA}}}IDPSSODescriptor")
    if provider is None or provider.find(f".//{{{SIGNATURE}}}X509Certificate") is None:
        raise pulumi.RunError(
            "Okta's metadata holds no signing certificate, so AWS could verify no login"
        )
    return document


def expires(
    app: Saml, current: pulumi.Output[str | None], providers: Sequence[SamlProvider]
) -> pulumi.Output[str]:
    """When the key that Okta signs with now runs out (RFC 3339).

    It is the one of the app's keys whose certificate the `current` metadata has. A key that Okta
    made after the last refresh is not among them: then as AWS read it for the first SAML provider.
    """

    def of_signing_key(values: Sequence[Any]) -> str:
        document, keys, valid_until = values
        signing = signing_certificates(checked_metadata(document))
        for key in keys:
            if key["x5cs"][0] in signing:
                return str(key["expires_at"])
        if valid_until:
            return str(valid_until)
        raise pulumi.RunError(
            "the Okta app signs with a key that is not among its keys in Pulumi's state; run "
            "`pulumi refresh`"
        )

    valid_until = providers[0].valid_until if providers else None
    return pulumi.Output.all(current, app.keys, valid_until).apply(of_signing_key)


def expiry_message(expires: str, today: date, warn_days: int) -> str | None:
    """The warning of a certificate that ends soon; `expires` is RFC 3339."""
    days_left = (datetime.fromisoformat(expires).date() - today).days
    if days_left > warn_days:
        return None
    when = f"ends in {days_left} days" if days_left >= 0 else f"ended {-days_left} days ago"
    return (
        f"the certificate that Okta signs with {when} ({expires}); then nobody can sign in to AWS"
    )


def warn_on_expiry(
    resource: pulumi.Resource, expires: pulumi.Output[str], args: Certificate
) -> None:
    """Warn on the run's screen, if the certificate ends soon."""
    today = args.today
    if today is None:
        return

    def report(when: str) -> None:
        message = expiry_message(when, today, args.warn_days)
        if message:
            pulumi.warn(message, resource)

    expires.apply(report)
