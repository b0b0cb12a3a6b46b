"""The configuration of a stack: one validated object, parsed and refused here and nowhere else."""

from settings.fields import short_name
from settings.refusals import SettingsError
from settings.source import load, parse, read
from settings.stack import Settings

__all__ = ["Settings", "SettingsError", "load", "parse", "read", "short_name"]
