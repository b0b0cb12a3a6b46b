"""How the deployment calls Okta's API, whose rate limits are tight.

What the Okta provider makes of these (terraform-provider-okta 6.12, the upstream of pulumi-okta): a
call that met a limit (429) is tried again after 30 seconds, then 60, 120 and so on up to the
longest wait; beyond `max_api_capacity` percent of a limit, calls sleep until the limit's minute is
over.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from settings.errors import ConfigError, invalid
from settings.section import Section
from settings.types import PatternString

DEFAULT_BASE_URL = "okta.com"
"""What Okta's provider uses without OKTA_BASE_URL."""
OKTA_DOMAINS = ("okta.com", "oktapreview.com", "okta-emea.com", "okta-gov.com", "okta.mil")
"""Okta's own; the provider takes any domain, since an org can have an address of its own."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")


OrgName = Annotated[
    str,
    PatternString(
        r"(?!.*-admin$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?",
        "must be the org's name alone, without -admin",
        "write acme for acme.okta.com",
    ),
]
BaseUrl = Annotated[
    str,
    PatternString(
        r"([A-Za-z0-9-]+\.)+[A-Za-z]{2,}",
        "must be the domain behind the org's name, without https://",
        "write okta.com, oktapreview.com or okta-emea.com",
    ),
]


class Okta(Section):
    """The org, and calls to it. Whoever else uses the same limits is slowed down by these calls."""

    org: OrgName | None = None
    """The org's name: acme of acme.okta.com. A run whose OKTA_ORG_NAME is another one's stops
    before anything is made."""
    base_url: BaseUrl | None = None
    """The domain behind the org's name; without it, okta.com."""
    max_api_capacity: Annotated[int, Field(ge=1, le=100)] = 75
    """Up to how much of a rate limit is used, in percent; beyond it, a run waits for the next
    minute."""
    max_retries: Annotated[int, Field(ge=1, le=100)] = 8
    """How often a call is tried again that met a limit. Not 0: the provider takes that for its own
    default of 5."""
    min_wait_seconds: Annotated[int, Field(ge=1, le=300)] | None = None
    """The first pause before a call is tried again; it doubles each time. Without it, the
    provider's 30 seconds."""
    longest_wait_seconds: Annotated[int, Field(ge=30, le=300)] = 120
    """The longest pause before a call is tried again."""
    request_timeout_seconds: Annotated[int, Field(ge=1, le=300)] | None = None
    """One deadline over a call with all its tries and waits, after which the run fails with
    `context deadline exceeded`. Best left out: the provider then waits as long as the settings
    above allow. With 60, two 429s in a row end a run, and so does a full minute of waiting for a
    limit; under `OKTA_HTTP_PROXY` answers are lost as well."""

    @model_validator(mode="after")
    def names_an_org(self) -> Self:
        if self.base_url and not self.org:
            raise invalid("has baseUrl and no org", "add org, or take baseUrl out")
        domain = (self.base_url or DEFAULT_BASE_URL).lower()
        near = get_close_matches(domain, OKTA_DOMAINS, n=1, cutoff=0.8)
        if domain not in OKTA_DOMAINS and (near or domain.endswith(OKTA_DOMAINS)):
            rule = f"is a slip of {near[0]}" if near else "holds more than the domain of Okta"
            fix = f"write {', '.join(OKTA_DOMAINS)}, or the domain of your own address"
            raise invalid(rule, fix, value=self.base_url, at=["baseUrl"])
        return self

    @model_validator(mode="after")
    def waits_are_in_order(self) -> Self:
        if (self.min_wait_seconds or 0) > self.longest_wait_seconds:
            raise invalid(
                f"has minWaitSeconds {self.min_wait_seconds} over longestWaitSeconds "
                f"{self.longest_wait_seconds}",
                "lower one, or raise the other",
            )
        return self

    @property
    def host(self) -> str | None:
        """The org's address, such as acme.okta.com, in lower case; None if it is not pinned."""
        return f"{self.org}.{self.base_url or DEFAULT_BASE_URL}".lower() if self.org else None

    def other_org(self, environment: Mapping[str, str]) -> ConfigError | None:
        """Why a run with these variables would not call the org that is pinned; None if it does.

        Okta's provider reads them, and OKTA_HTTP_PROXY replaces the org's address altogether: only
        a sandbox on this machine may do that.
        """
        if self.org is None:
            return None
        proxy = environment.get("OKTA_HTTP_PROXY")
        if proxy and urlsplit(proxy).hostname not in LOOPBACK:
            return ConfigError(
                "okta.org",
                "can't be compared with the org that OKTA_HTTP_PROXY leads to",
                "unset OKTA_HTTP_PROXY",
                self.host,
            )
        name = environment.get("OKTA_ORG_NAME")
        called = f"{name}.{environment.get('OKTA_BASE_URL') or DEFAULT_BASE_URL}".lower()
        if not name or called == self.host:
            return None
        return ConfigError(
            "okta.org",
            f"is another org than OKTA_ORG_NAME and OKTA_BASE_URL say, {called}",
            "set the variables of this org, or correct the stack file",
            self.host,
        )
