"""How the deployment calls Okta's API, whose rate limits are tight."""

from typing import Annotated

from pydantic import Field

from settings.section import Section


class Okta(Section):
    """Calls to the org. Whoever else uses the same limits is slowed down by what is used here."""

    max_api_capacity: Annotated[int, Field(ge=1, le=100)] = 75
    """Up to how much of a rate limit is used, in percent; beyond it, a run waits for the next
    minute."""
    max_retries: Annotated[int, Field(ge=0, le=100)] = 8
    """How often a call is tried again that met a limit."""
    longest_wait_seconds: Annotated[int, Field(ge=30, le=300)] = 120
    """The longest pause before a call is tried again."""
    request_timeout_seconds: Annotated[int, Field(ge=1, le=300)] = 60
    """After how long a call is given up; Okta's provider itself would wait for ever."""
