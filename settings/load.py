"""Where the settings come from: the engine's configuration, or a stack file on disk."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pydantic
import yaml

from settings import checks
from settings.errors import PROJECT, SettingsError, to_config_errors
from settings.stack import Settings


def parse(values: Mapping[str, Any]) -> Settings:
    """Check the values of a stack file (its `okta-aws-federation:` keys, without that prefix).

    Raises SettingsError with one line for each mistake.
    """
    try:
        settings = Settings.model_validate(dict(values))
    except pydantic.ValidationError as error:
        raise SettingsError.of(to_config_errors(error, schema())) from None
    if errors := [error for check in checks.ALL for error in check(settings)]:
        raise SettingsError.of(errors)
    return settings


@cache
def schema() -> dict[str, Any]:
    """What keys there are: a refusal tells what a misspelt one may have meant."""
    return Settings.model_json_schema()


def read(path: Path) -> Settings:
    """The settings of a stack file on disk, for tools that run without the engine."""
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: can't be read: {error}") from None
    return read_text(text, str(path))


def read_text(text: str, name: str) -> Settings:
    """The settings of a stack file's text; `name` is what a refusal calls it."""
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise SettingsError(f"{name}: can't be read: {' '.join(str(error).split())}") from None
    if document is not None and not isinstance(document, dict):
        raise SettingsError(f"{name}: is no stack file: it must be a mapping with a key config")
    config = (document or {}).get("config") or {}
    prefix = f"{PROJECT}:"
    return parse({k.removeprefix(prefix): v for k, v in config.items() if k.startswith(prefix)})


def load() -> Settings:
    """The settings of the stack that the engine is running."""
    import pulumi  # here, because the tools that use `read` have no engine and start faster

    values = pulumi.runtime.config.get_config_env() | pulumi.runtime.config.CONFIG.get()
    keys = [k.removeprefix(f"{PROJECT}:") for k in values if k.startswith(f"{PROJECT}:")]
    config = pulumi.Config(PROJECT)
    try:
        return parse({key: decode_value(config.require(key)) for key in keys})
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from None


def decode_value(text: str) -> Any:
    """A value as it stands in the stack file: the engine hands over strings bare, and JSON."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
