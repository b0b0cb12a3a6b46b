"""Which stacks an estate has, and what each costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from settings import Settings, SettingsError, read, read_part
from settings.new_stack import write_new
from settings.part import ACCOUNT, OKTA, file_name, file_text, parts_of, stack_name, unfit
from settings.stack_file import stack_file

AWS_PROVIDER_MB = (170, 430)
"""Memory of one AWS provider process, which serves one account (pulumi/pulumi-aws#5860, #5226)."""


@dataclass(frozen=True)
class EstateStack:
    """One stack of an estate."""

    name: str
    """The stack's name, such as `company-okta`."""
    part: str
    """`okta`, or `account:NAME`."""
    roles: int
    """How many AWS roles it has."""
    groups: int
    """How many Okta groups it has."""

    def as_json(self) -> dict[str, object]:
        """For a program."""
        return {"stack": self.name, "part": self.part, "roles": self.roles, "groups": self.groups}

    @property
    def is_okta(self) -> bool:
        """Whether it has the Okta half, which comes first: the others read its metadata."""
        return self.part == OKTA

    @property
    def account(self) -> str | None:
        """Short name of the account whose half it has."""
        return None if self.is_okta else self.part.removeprefix(ACCOUNT)

    @property
    def file(self) -> str:
        """Name of its stack file."""
        return f"Pulumi.{self.name}.yaml"


def stacks_of(file: Path) -> list[EstateStack]:
    """The stacks of an estate, that of the Okta half first, by their files beside `file`.

    Raises SettingsError for a file that is refused, and for a part of it that has no file.
    """
    stack = estate_settings(file)
    files = part_files(file)
    missing = [part for part in parts_of(stack) if part not in files]
    if missing:
        raise SettingsError(
            f"{file}: no stack file has the part {', '.join(missing)}; "
            f"python -m access.estate init {file}"
        )
    for part in files.values():
        read_part(part)
    return [describe(stack, stack_name(files[part]), part) for part in parts_of(stack)]


def estate_settings(file: Path) -> Settings:
    """The settings of an estate's file. Raises SettingsError for one that can't be an estate."""
    stack = read(file)
    for mistake in unfit(stack, OKTA, file.name):
        raise SettingsError(f"{file}: {mistake.rule}; {mistake.fix}")
    return stack


def describe(stack: Settings, name: str, part: str) -> EstateStack:
    if part == OKTA:
        return EstateStack(name, part, 0, len(stack.groups) + len(stack.role_groups))
    return EstateStack(name, part, len(stack.roles_in_account(part.removeprefix(ACCOUNT))), 0)


def part_files(file: Path) -> dict[str, Path]:
    """Part -> its file. Raises SettingsError where two files have the same part."""
    files: dict[str, Path] = {}
    for each in sorted(file.parent.glob("Pulumi.*.yaml")):
        sections = stack_file(each.read_text(), str(each)).sections
        if sections.get("estate") != file.name:
            continue
        part = str(sections.get("part"))
        if part in files:
            raise SettingsError(
                f"{each}: has the part {part}, as {files[part].name} has; remove one of them"
            )
        files[part] = each
    return files


def write_part_files(file: Path) -> list[Path]:
    """Write the files of parts that have none, and return them. Raises SettingsError."""
    stack = estate_settings(file)
    files = part_files(file)
    new = [part for part in parts_of(stack) if part not in files]
    paths = []
    for part in new:
        path = file.with_name(file_name(file, part))
        if path.exists():
            raise SettingsError(f"{path}: exists, and is no part of {file.name}; rename it")
        write_new(path, file_text(file, part))
        paths.append(path)
    return paths


def former(file: Path) -> list[Path]:
    """Files of parts that the estate has no more: of accounts that were taken out."""
    present = parts_of(estate_settings(file))
    return [path for part, path in part_files(file).items() if part not in present]


def memory_mb(stacks: Sequence[EstateStack], at_once: int) -> tuple[int, int]:
    """The AWS provider processes that run at once, in MB: the least and the most."""
    processes = min(at_once, sum(not each.is_okta for each in stacks))
    return processes * AWS_PROVIDER_MB[0], processes * AWS_PROVIDER_MB[1]
