"""What `make check` runs besides ruff and mypy, the writer of the reference pages, measurements."""
