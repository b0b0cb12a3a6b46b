"""Where the settings come from: the engine's configuration, or a stack file on disk.

Both go through `parse_file`, so `python -m access check` and a deployment refuse the same files
with the same lines.
"""

import copy
import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pydantic

from settings import checks
from settings.errors import PROJECT, ConfigError, SettingsError, schema_at, to_config_errors
from settings.part import ACCOUNT, OKTA, Part, mistakes, stack_name, unfit
from settings.stack import Settings
from settings.stack_file import StackFile, decode, project_defaults, secrets_in_clear, stack_file
from settings.yaml_nodes import ENGINE_DAY, in_quotes, walk


def parse(values: Mapping[str, Any]) -> Settings:
    """Check the values of a stack file (its `okta-aws-federation:` keys, without that prefix).

    Raises SettingsError with one line for each mistake.
    """
    return parse_file(StackFile("", values))


def parse_file(file: StackFile) -> Settings:
    """The settings of a stack file. Raises SettingsError with one line for each mistake."""
    settings, errors = validate(file.sections)
    earlier = [*file.errors, *secrets_in_clear(file)]
    unreadable = tuple(f"{error.key.removeprefix('config.')}." for error in earlier)
    if PROJECT in file.sections:  # what seems to be missing is inside it
        errors = []
    errors = [*earlier, *(each for each in errors if not f"{each.key}.".startswith(unreadable))]
    if errors or settings is None:
        errors = [file.locate(error) for error in errors]
        raise SettingsError.of(sorted(errors, key=lambda error: error.line or 0))
    return settings


def validate(values: Mapping[str, Any]) -> tuple[Settings | None, list[ConfigError]]:
    """The settings, and every mistake: of single values, and between sections.

    Where a value is refused, the checks between sections run on the file without it, and what
    may only follow from its absence is left out.
    """
    try:
        settings = Settings.model_validate(dict(values))
    except pydantic.ValidationError as error:
        errors = to_config_errors(error, schema())
        return None, [*errors, *checks_without(values, error)]
    return settings, [*checks.run(settings)]


def checks_without(
    values: Mapping[str, Any], error: pydantic.ValidationError
) -> Iterator[ConfigError]:
    """What the checks between sections find in the values without those that are refused."""
    rest: dict[str, Any] = copy.deepcopy(dict(values))
    removed: set[tuple[str, ...]] = set()
    for _ in range(5):
        for each in reversed(error.errors()):  # from the end, so that indices stay right
            removed.add(remove(rest, each))
        try:
            settings = Settings.model_validate(rest)
        except pydantic.ValidationError as another:
            error = another
        else:
            yield from checks.run_without(settings, removed)
            return


def remove(values: dict[str, Any], error: Any) -> tuple[str, ...]:
    """Take out of the values what an error of pydantic is about, and return its path."""
    location = [part for part in error["loc"] if part != "[key]"]
    steps: list[tuple[Any, Any]] = []
    here: Any = values
    for part in location[:-1] if error["type"] == "missing" else location:
        in_list = isinstance(here, list) and isinstance(part, int) and part < len(here)
        if not in_list and not (isinstance(here, dict) and part in here):
            break
        steps.append((here, part))
        here = here[part]
    if steps:
        container, part = steps[-1]
        del container[part]
    return tuple(str(part) for _, part in steps)


@cache
def schema() -> dict[str, Any]:
    """What keys there are: a refusal tells what a misspelt one may have meant."""
    return Settings.model_json_schema()


def read(path: Path) -> Settings:
    """The settings of a stack file on disk, for tools that run without the engine; of a part's file
    those of its estate."""
    return read_part(path).estate


def read_part(path: Path) -> Part:
    """The part that a stack file on disk deploys. Raises SettingsError."""
    text = text_of(path)
    file = stack_file(text, str(path))
    estate = estate_of(file)
    if estate is None:
        return Part.whole(read_text(text, str(path), project_of(path)))
    part, whole = file.sections["part"], path.with_name(estate)
    if "estate" in stack_file(text_of(whole), str(whole)).sections:
        rule = f"names {estate}, which is the file of a part itself"
        refuse(file, [ConfigError("estate", rule, "name the estate's file", estate)])
    stack = read(whole)
    refuse(file, unfit(stack, part, estate))
    label = f"part {part} of {estate}"
    if part == OKTA:
        return Part(stack, accounts=(), label=label)
    account, okta = part.removeprefix(ACCOUNT), stack_name(okta_file(path, estate))
    return Part(stack, (account,), False, okta, label)


def estate_of(file: StackFile) -> str | None:
    """Name of the estate's file, of which a stack file is a part; None for a whole stack file.

    Raises SettingsError for the file of a part that is wrong by itself.
    """
    if "estate" not in file.sections:
        return None
    refuse(file, [*file.errors, *secrets_in_clear(file), *mistakes(file.sections)])
    return str(file.sections["estate"])


def okta_file(path: Path, estate: str) -> Path:
    """The file of the Okta half, beside the file of another part. Raises SettingsError."""
    found = [
        each
        for each in sorted(path.parent.glob("Pulumi.*.yaml"))
        if stack_file(text_of(each), str(each)).sections.items()
        >= {"estate": estate, "part": OKTA}.items()
    ]
    if len(found) != 1:
        names = ", ".join(each.name for each in found) or "none"
        raise SettingsError(
            f"{path}: {PROJECT}:estate = {estate!r}: has {names} with part: {OKTA}, and needs one; "
            f"python -m access.estate init {estate}"
        )
    return found[0]


def refuse(file: StackFile, errors: Iterable[ConfigError]) -> None:
    """Raises SettingsError if there are any."""
    if lines := [file.locate(error) for error in errors]:
        raise SettingsError.of(lines)


def read_text(text: str, name: str, project: Mapping[str, Any] | None = None) -> Settings:
    """The settings of a stack file's text.

    `name` is what a refusal calls it, `project` what the project's `Pulumi.yaml` has defaults for.
    """
    file = stack_file(text, name)
    sections = {key: decode_top_level(value) for key, value in file.sections.items()}
    return parse_file(with_sections(file, {**(project or {}), **sections}))


def imported_environments(path: Path) -> tuple[str, ...]:
    """Environments (Pulumi ESC) of a stack file; their configuration is not in it."""
    return stack_file(text_of(path), str(path)).imports


def text_of(path: Path) -> str:
    """The text of a file. Raises SettingsError if it can't be read."""
    try:
        return decode(path.read_bytes(), str(path))
    except OSError as error:
        raise SettingsError(f"{path}: can't be read: {error.strerror}") from None


def project_of(stack: Path) -> dict[str, Any]:
    """The defaults of the `Pulumi.yaml` beside a stack file; none where there is none."""
    path = stack.with_name("Pulumi.yaml")
    return project_defaults(text_of(path), str(path)) if path.is_file() else {}


def load_part() -> Part:
    """The part of a stack file that the engine is running. Raises pulumi.RunError."""
    import pulumi  # here, because the tools that use `read` have no engine and start faster

    values = pulumi.runtime.config.get_config_env() | pulumi.runtime.config.CONFIG.get()
    keys = [k.removeprefix(f"{PROJECT}:") for k in values if k.startswith(f"{PROJECT}:")]
    config = pulumi.Config(PROJECT)
    sections = {key: decode_value(config.require(key)) for key in keys}
    path = Path(f"Pulumi.{pulumi.get_stack()}.yaml")
    try:
        if "estate" in sections:
            return read_part(path)
        return Part.whole(parse_file(engine_file(sections, path)))
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from None


def engine_file(sections: Mapping[str, Any], path: Path) -> StackFile:
    """The engine's values, with the lines of the stack file that they come from.

    The engine has resolved the file by then: which keys have no prefix, and what was encrypted,
    only the file shows. Values of `--config` or another file have no lines.
    """
    if not path.is_file():
        return StackFile(path.name, sections)
    file = stack_file(text_of(path), path.name)
    theirs = {key: decode_top_level(value) for key, value in file.sections.items()}
    if not theirs.keys() <= sections.keys():
        return StackFile(path.name, sections)
    refuse_imported(file, sections, {**project_of(path), **theirs})
    empty = {key for key, value in theirs.items() if value is None}  # the engine hands over ""
    values = {key: value if value or key not in empty else None for key, value in sections.items()}
    return with_sections(file, values)


def refuse_imported(file: StackFile, sections: Mapping[str, Any], own: Mapping[str, Any]) -> None:
    """Raises SettingsError if an environment that the file imports changed one of its sections.

    The engine merges an environment's `pulumiConfig` into the file's (Pulumi, workspace/config.go).
    """
    others = sorted(key for key in sections if (sections[key] or None) != (own.get(key) or None))
    if file.imports and others:
        names = ", ".join(file.imports)
        rule = (
            f"imports {names}, which adds to {', '.join(others)}, unseen in a review of this file"
        )
        fix = "write it in this file, and keep environmentVariables alone in the environment"
        refuse(file, [ConfigError("environment", rule, fix, in_project=False)])


def with_sections(file: StackFile, sections: Mapping[str, Any]) -> StackFile:
    """The same file with values as the program gets them, and a refusal of moments among them."""
    errors = [*file.errors, *misread_days(sections, file.source_texts)]
    return dataclasses.replace(file, sections=sections, errors=tuple(errors))


def misread_days(
    values: Mapping[str, Any], source_texts: Mapping[str, str]
) -> Iterator[ConfigError]:
    """Days without quotes where no day is meant: the engine makes another text of them."""
    for path, text in walk(values):
        if (
            isinstance(text, str)
            and text.endswith(ENGINE_DAY)
            and schema_at(path, schema()).get("format") != "date"
        ):
            key = ".".join(path)
            rule = f"is a day without quotes, which Pulumi hands over as {text!r}"
            day = source_texts.get(key, text.removesuffix(ENGINE_DAY))
            yield ConfigError(key, rule, in_quotes(day), day)


def decode_value(text: str) -> Any:
    """A value as it stands in the stack file: the engine hands over strings bare, and JSON."""
    try:
        return json.loads(text, object_pairs_hook=without_twins)
    except (ValueError, RecursionError):
        return text


def without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON. Raises ValueError for a key that is there twice: readers differ on it."""
    if len(values := dict(pairs)) < len(pairs):
        raise ValueError("a key is in the object twice")
    return values


def decode_top_level(value: Any) -> Any:
    """A section's value in a file, as the program gets it: `pulumi config set` writes `"true"`."""
    return decode_value(value) if isinstance(value, str) else value
