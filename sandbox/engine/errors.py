"""What a user is told when the engine cannot be had."""


class EngineError(RuntimeError):
    """One line: what is missing, and what to do about it."""
