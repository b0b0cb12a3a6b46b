"""How a component says no."""

from pulumi import RunError


class Refusal(RunError, ValueError):
    """Arguments that can't work. On the engine's screen it is one line, without a traceback."""
