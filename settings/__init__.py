"""The configuration of a stack: one validated object, parsed and refused here and nowhere else."""

from settings.app import App
from settings.documents import policy_document
from settings.errors import SettingsError
from settings.expectations import ActionCheck, Expectation
from settings.load import (
    estate_of,
    imported_environments,
    load_part,
    parse,
    read,
    read_part,
    read_text,
)
from settings.mapping import AccountRole, RoleGroup
from settings.part import Part
from settings.roles import Role
from settings.sections import Account, Group
from settings.stack import Settings
from settings.types import short_name

__all__ = [
    "Account",
    "AccountRole",
    "ActionCheck",
    "App",
    "Expectation",
    "Group",
    "Part",
    "Role",
    "RoleGroup",
    "Settings",
    "SettingsError",
    "estate_of",
    "imported_environments",
    "load_part",
    "parse",
    "policy_document",
    "read",
    "read_part",
    "read_text",
    "short_name",
]
