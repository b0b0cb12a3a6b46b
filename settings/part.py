"""What one stack deploys: a whole stack file, or a part of an estate of many accounts.

An estate is one stack file that several stacks deploy: one has the Okta half (app, groups, people),
one for each account has the account's half (SAML provider, roles, policies, alarms). The file of
such a stack names the estate's file beside it, and its part:

    config:
      okta-aws-federation:estate: Pulumi.company.yaml
      okta-aws-federation:part: okta # or account:NAME
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from settings.errors import ConfigError, did_you_mean
from settings.stack import Settings
from settings.stack_file import PREFIX

KEYS = ("estate", "part")
OKTA, ACCOUNT = "okta", "account:"


@dataclass(frozen=True)
class Part:
    """The part of a stack file that one stack deploys."""

    estate: Settings
    """The whole file."""
    accounts: tuple[str, ...]
    """Short names of the accounts whose half is deployed."""
    has_okta: bool = True
    """Whether the Okta half is deployed."""
    okta_stack: str | None = None
    """Name of the stack that has the Okta half, where this one does not."""
    label: str = ""
    """`part okta of Pulumi.company.yaml`; of a whole stack file nothing."""

    @property
    def stack(self) -> Settings:
        """What is deployed of the file: without the Okta half, neither groups nor people."""
        if self.has_okta:
            return self.estate
        return self.estate.model_copy(update={"groups": {}, "people": {}})

    @classmethod
    def whole(cls, stack: Settings) -> "Part":
        """Everything that the stack file says."""
        return cls(stack, tuple(sorted(stack.accounts)))


def stack_name(file: Path) -> str:
    """`dev`, of Pulumi.dev.yaml."""
    return file.stem.removeprefix("Pulumi.")


def file_name(estate: Path, part: str) -> str:
    """Name of a part's file beside the estate's: `Pulumi.company-okta.yaml`."""
    return f"Pulumi.{stack_name(estate)}-{part.removeprefix(ACCOUNT)}.yaml"


def file_text(estate: Path, part: str) -> str:
    """What a part's file says."""
    return f"config:\n  {PREFIX}estate: {estate.name}\n  {PREFIX}part: {part}\n"


def parts_of(stack: Settings) -> list[str]:
    """Every part of an estate, the Okta half first: the others read its metadata."""
    return [OKTA, *(f"{ACCOUNT}{name}" for name in sorted(stack.accounts))]


def mistakes(values: Mapping[str, Any]) -> Iterator[ConfigError]:
    """What is wrong with a part's file by itself: its keys other than those of Pulumi.yaml."""
    estate, part = values.get("estate"), values.get("part")
    if not isinstance(estate, str) or Path(estate).name != estate or not estate:
        fix = "write the name of the estate's stack file in the same folder"
        yield ConfigError("estate", "must be the name of a file", fix, _shown(estate))
    if not isinstance(part, str) or not (part == OKTA or part.startswith(ACCOUNT)):
        fix = f"write {OKTA}, or {ACCOUNT}NAME"
        yield ConfigError("part", f"must be {OKTA} or {ACCOUNT}NAME", fix, _shown(part))
    for key in sorted(values.keys() - {*KEYS}):
        yield ConfigError(
            key, "stands in the file of a part", f"write it in the estate's file, {estate}"
        )


def unfit(stack: Settings, part: str, estate: str) -> Iterator[ConfigError]:
    """What is wrong with a part of this estate."""
    if not stack.uses_group_mapping:
        rule = f"names {estate}, whose mode is {stack.mode}: one account has no parts"
        yield ConfigError("estate", rule, "set mode: group-mapping there", estate)
    if OKTA in stack.accounts:
        rule = f"has an account called {OKTA}, whose file would be that of the Okta half"
        yield ConfigError("estate", rule, "rename the account there", estate)
    name = part.removeprefix(ACCOUNT)
    if part != OKTA and name not in stack.accounts:
        rule = f"names no account of {estate}{did_you_mean(name, stack.accounts)}"
        yield ConfigError("part", rule, "correct it, or destroy the stack of an account", part)


def _shown(value: Any) -> str | None:
    return None if value is None else str(value)
