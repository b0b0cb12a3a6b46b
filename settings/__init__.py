"""The configuration of a stack: one validated object, parsed and refused here and nowhere else."""

from settings.app import App
from settings.documents import policy
from settings.expectations import Asked, Expectation
from settings.fields import short_name
from settings.mapping import Place, RoleGroup
from settings.refusals import SettingsError
from settings.roles import Role
from settings.sections import Account, Group
from settings.source import load, parse, read, read_text
from settings.stack import Settings

__all__ = [
    "Account",
    "App",
    "Asked",
    "Expectation",
    "Group",
    "Place",
    "Role",
    "RoleGroup",
    "Settings",
    "SettingsError",
    "load",
    "parse",
    "policy",
    "read",
    "read_text",
    "short_name",
]
