"""How the deployment calls Okta's API, whose rate limits are tight.

What the Okta provider makes of these (terraform-provider-okta 6.12, the upstream of pulumi-okta): a
call that met a limit (429) is tried again after 30 seconds, then 60, 120 and so on up to the
longest wait; beyond `max_api_capacity` percent of a limit, calls sleep until the limit's minute is
over.
"""

from typing import Annotated

from pydantic import Field

from settings.section import Section


class Okta(Section):
    """Calls to the org. Whoever else uses the same limits is slowed down by what is used here."""

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
