"""What goes wrong in the sandbox and is worth one line to the person who runs it."""


class SandboxError(Exception):
    """One line: what is wrong, and what to do."""
