"""A stack file as text: its sections, where each value stands, and what the engine would miss."""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from settings import yaml_nodes
from settings.errors import PROJECT, ConfigError, SettingsError

PREFIX = f"{PROJECT}:"
OLD_FORM = "config:"
COMMENT = re.compile(r"(?:^|\s)#(.*)")
ENCODINGS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"\x00\x00": "UTF-32"}
UNSCANNED = ("encryptionsalt", "encryptedkey", "secretsprovider")
"""Root keys that Pulumi writes itself; what it encrypts with them is no secret any more."""


@dataclass(frozen=True)
class StackFile:
    """The sections of a stack file, without the project's prefix."""

    name: str
    """What messages call the file."""
    sections: Mapping[str, Any]
    lines: Mapping[str, int] = field(default_factory=dict)
    """Key, such as `roles.Developer.path` -> line."""
    source_texts: Mapping[str, str] = field(default_factory=dict)
    """Key -> the value as it stands in the file, where the engine makes another text of it."""
    scalars: Mapping[str, Any] = field(default_factory=dict)
    """Key of a value that is no list and no mapping -> the value."""
    errors: tuple[ConfigError, ...] = ()
    """What can't be read in one way, or would be deployed without being reviewed."""
    texts: tuple[tuple[str, str], ...] = ()
    """Every text of the whole file with its key, other projects' included."""
    imports: tuple[str, ...] = ()
    """Environments (Pulumi ESC) whose values the engine merges in; they are not in the file."""

    def locate(self, error: ConfigError) -> ConfigError:
        """The same mistake with file and line: of the key, or of the nearest one around it."""
        if error.line:
            return error._replace(file=self.name)
        key = error.key
        if error.value is not None:
            key = self._item(key, error.value)
            error = error._replace(key=key)
        while key and key not in self.lines:
            key = key.rpartition(".")[0]
        return error._replace(file=self.name, line=self.lines.get(key))

    def _item(self, key: str, value: object) -> str:
        """The key of the item that has the value, if the key is that of a list; else the key."""
        number = 0
        while (item := f"{key}.{number}") in self.lines:
            if self.scalars.get(item) == value:
                return item
            number += 1
        return key


def decode(data: bytes, name: str) -> str:
    """The text of a file. Raises SettingsError for one that is not UTF-8."""
    for mark, encoding in ENCODINGS.items():
        if data.startswith(mark):
            raise SettingsError(f"{name}: is {encoding}; save it as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise SettingsError(
            f"{name}:{line}: can't be read: is not UTF-8; save it as that"
        ) from None


def stack_file(text: str, name: str) -> StackFile:
    """The sections of a stack file's text. Raises SettingsError for what is no stack file."""
    try:
        reading = yaml_nodes.read(text.removeprefix("\ufeff"))
    except yaml_nodes.UnreadableYaml as error:
        raise SettingsError(f"{name}:{error.line}: can't be read: {error}; correct it") from None
    document = reading.values if reading.values is not None else {}
    if not isinstance(document, dict):
        raise SettingsError(
            f"{name}:1: must be a mapping with a key config; write it as config: {{}}"
        )
    _refuse_misspelt_root(document, reading.lines, name)
    config = document.get("config")
    if config is not None and not isinstance(config, dict):
        raise SettingsError(
            f"{name}:{reading.lines['config']}: config = {str(config)[:40]!r}: must be a mapping; "
            f"write it as config: {{{PREFIX}accounts: ...}}"
        )
    config = config or {}
    errors = [_without_root(error) for error in reading.errors]
    errors += _unprefixed(config, reading.lines)
    errors += _in_comments(text, document)
    sections = {
        _section(key): value
        for key, value in config.items()
        if key.startswith(PREFIX) or ":" not in key
    }
    errors += _encrypted(sections)
    return StackFile(
        name=name,
        sections=sections,
        lines={_short(key): line for key, line in reading.lines.items() if _short(key)}
        | {"": reading.lines.get("config", 1)},
        source_texts={_short(key): value for key, value in reading.source_texts.items()},
        scalars={_short(key): value for key, value in reading.scalars.items()},
        errors=tuple(errors),
        texts=tuple(_texts(document)),
        imports=_imports(document.get("environment")),
    )


def _imports(environment: Any) -> tuple[str, ...]:
    """The names of the environments (Pulumi ESC) that a stack file imports."""
    if isinstance(environment, dict):
        environment = environment.get("imports") or ["values of its own"]
    names = environment if isinstance(environment, list) else [environment]
    return tuple(str(each) for each in names if each is not None)


def _section(key: str) -> str:
    """The section that the engine takes a key for: it reads `PROJECT:config:roles` too."""
    return key.removeprefix(PREFIX).removeprefix(OLD_FORM)


def _short(path: str) -> str:
    """The key of a path in the file: without `config.` and the project's prefix."""
    return _section(path.removeprefix("config.")) if path != "config" else ""


def _without_root(error: ConfigError) -> ConfigError:
    in_project = error.key.startswith(f"config.{PREFIX}")
    return error._replace(key=_short(error.key) if in_project else error.key, in_project=in_project)


def _refuse_misspelt_root(document: Mapping[str, Any], lines: Mapping[str, int], name: str) -> None:
    """`Config:` and the like, and sections beside `config`: the engine reads nothing of them."""
    for key in document.keys() - {"config"}:
        if difflib.get_close_matches(key.lower(), ["config"]):
            raise SettingsError(f"{name}:{lines[key]}: {key}: is not read; write config")
        if key.startswith(PREFIX):
            fix = "indent it, so that it is inside of config"
            raise SettingsError(f"{name}:{lines[key]}: {key}: is not read; {fix}")


def _in_comments(text: str, document: Any) -> Iterator[ConfigError]:
    """Credentials behind a #, where no value holds them."""
    values = [value for _, value in _texts(document)]
    for number, line in enumerate(text.splitlines(), 1):
        comment = COMMENT.search(line)
        what = looks_like(comment[1]) if comment else None
        if comment and what and not any(comment[1].strip() in value for value in values):
            rule, fix = f"looks like {what}", "take it out of the file, and replace the credential"
            yield ConfigError("comment", rule, fix, None, number, in_project=False)


def _unprefixed(config: Mapping[str, Any], lines: Mapping[str, int]) -> Iterator[ConfigError]:
    """Keys that the engine reads as this project's, or that a slip keeps from being read."""
    for key in config:
        if slip := _slip(key):
            path = f"config.{key}"
            yield ConfigError(path, *slip, None, lines.get(path), in_project=False)


def _slip(key: str) -> tuple[str, str] | None:
    """What is wrong with the prefix of a key, and what to write; None if nothing is."""
    namespace, colon, name = key.partition(":")
    if key.startswith(PREFIX + OLD_FORM):
        return "is an old form that Pulumi still reads", f"write {PREFIX}{_section(key)}"
    if key == PROJECT:
        return "is not how Pulumi reads sections", f"write each one beside it, as {PREFIX}accounts"
    if not colon:
        return f"has no prefix: Pulumi would deploy it as {PREFIX}{key}", f"write {PREFIX}{key}"
    near = difflib.get_close_matches(namespace.lower(), [PROJECT], cutoff=0.8)
    if near and namespace != PROJECT:
        return "is not a key of this project, so nothing reads it", f"write {PREFIX}{name}"
    return None


def _encrypted(sections: Mapping[str, Any]) -> Iterator[ConfigError]:
    """`{secure: v1:...}`: the engine decrypts it, and nobody who reviews the file can read it."""
    for path, value in yaml_nodes.walk(sections):
        match value:
            case {"secure": str()} if path and len(value) == 1:
                rule = "is encrypted, so that nobody can review what it gives access to"
                fix = "write it in clear: nothing of a stack file is a secret"
                yield ConfigError(".".join(path), rule, fix)


def _texts(document: Any) -> Iterator[tuple[str, str]]:
    """Every text of a file, keys too, with the key where it is; nothing that is encrypted."""
    for path, value in yaml_nodes.walk(document):
        if path and path[0] not in UNSCANNED:
            yield ".".join(path), path[-1]
            if isinstance(value, str) and path[-1] != "secure":
                yield ".".join(path), value


def project_defaults(text: str, name: str) -> dict[str, Any]:
    """Section -> value, of the project's keys that `Pulumi.yaml` has a default for.

    A stack file that has the section replaces it as a whole, as with the engine. Raises
    SettingsError for a `Pulumi.yaml` that can't be read.
    """
    try:
        document = yaml_nodes.read(text).values
    except yaml_nodes.UnreadableYaml as error:
        raise SettingsError(f"{name}:{error.line}: can't be read: {error}; correct it") from None
    config = document.get("config") if isinstance(document, dict) else None
    defaults = {}
    for key, value in config.items() if isinstance(config, dict) else ():
        if ":" in key and not key.startswith(PREFIX):
            continue
        section = key.removeprefix(PREFIX)
        if not isinstance(value, dict):
            defaults[section] = value
        elif "default" in value or "value" in value:
            defaults[section] = value.get("value", value.get("default"))
    return defaults


SECRETS = {
    "the id of an AWS access key": r"\b(AKIA|ASIA)[A-Z2-7]{16}\b",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY",
    "an API token of Okta": r"(?<![\w-])00[\w-]{40}(?![\w-])",
    "a token of Pulumi Cloud": r"\bpul-[0-9a-f]{40}\b",
    "a token of GitHub": r"\b(gh[pousr]_\w{36,}|github_pat_\w{22,})",
    "a token of Slack": r"\bxox[abeprs]-[\w-]{10,}|\bhooks\.slack\.com/services/\w+/\w+/\w+",
    "a session token of AWS": r"\b(IQoJb3JpZ2lu|FwoGZXIvYXdz)[\w/+=]{16,}",
    "a signed token (JWT)": r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+",
}
AWS_SECRET = re.compile(r"(?<![\w/+=-])[A-Za-z0-9/+]{40}(?![\w/+=-])")
CHANGES_OF_KIND = re.compile(r"(?<=[a-z])[^a-z]|(?<=[A-Z])[^A-Z]|(?<=\d)\D|(?<=[/+])[^/+]")
FEWEST_CHANGES = 15
"""A random text changes between small, capital and digit 24 times in 40; a name of words, 10."""


def secrets_in_clear(file: StackFile) -> Iterator[ConfigError]:
    """Values of the whole file that look like a credential. The value itself is not repeated."""
    texts = file.texts or [(f"config.{PREFIX}{key}", text) for key, text in _texts(file.sections)]
    for path, text in texts:
        if what := looks_like(text):
            in_project = path.startswith(f"config.{PREFIX}")
            key = _short(path) if in_project else path
            rule, fix = f"looks like {what}", "take it out of the file, and replace the credential"
            yield ConfigError(
                key, rule, fix, line=file.lines.get(_short(path)), in_project=in_project
            )


def looks_like(text: str) -> str | None:
    """What credential a text looks like, if any."""
    for what, pattern in SECRETS.items():
        if re.search(pattern, text):
            return what
    for candidate in AWS_SECRET.findall(text):
        if (
            re.search(r"[\d/+]", candidate)
            and len(CHANGES_OF_KIND.findall(candidate)) >= FEWEST_CHANGES
        ):
            return "an AWS secret access key"
    return None
