"""What `make check` runs besides ruff and mypy."""
