"""The stack file of a new environment: from a few answers, and nothing that would not deploy."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from settings import yaml_nodes
from settings.errors import PROJECT, ConfigError, SettingsError
from settings.load import parse, read
from settings.okta import DEFAULT_BASE_URL
from settings.part import stack_name
from settings.stack import Settings

SCHEMA = "# yaml-language-server: $schema=docs/reference/stack.schema.json"
PREFIX = f"{PROJECT}:"


@dataclass(frozen=True, kw_only=True)
class NewStack:
    """What an environment of mode `saml-roles` can't go without, and what it may say besides."""

    name: str
    account_id: str
    region: str
    role: str
    policies: list[str]
    group: str
    members: list[str]
    can: list[str]
    cannot: list[str]
    owner: str
    label: str
    protect: bool
    okta_org: str
    """The org's address, such as acme.okta.com; empty to leave it to the variables of a run."""


def sections(answers: NewStack) -> dict[str, Any]:
    """The values of the stack file, by section."""
    expected = {"can": answers.can, "cannot": answers.cannot}
    expected = {key: actions for key, actions in expected.items() if actions}
    org, _, base_url = answers.okta_org.partition(".")
    pinned = {"org": org, "baseUrl": base_url or DEFAULT_BASE_URL}
    return {
        **({"okta": pinned} if org else {}),
        "accounts": {"main": {"id": answers.account_id, "region": answers.region}},
        "app": {"label": answers.label, "provider": "Okta", "sessionHours": 1},
        "roles": {answers.role: {"managedPolicies": answers.policies}},
        "provisioning": {"keys": ["first"], "integration": "pending"},
        "groups": {answers.group: {"roles": [answers.role], "members": answers.members}},
        "tags": {"owner": answers.owner},
        **({"expect": [{"group": answers.group, **expected}]} if expected else {}),
        "protect": answers.protect,
    }


def write(answers: NewStack, folder: Path, refusals: Callable[[Settings], Sequence[str]]) -> Path:
    """Write `Pulumi.NAME.yaml`, if it could be deployed beside the other stacks of the folder.

    `refusals` has the lines with which a deployment would be refused. Raises SettingsError with
    one line for each mistake; then nothing is written.
    """
    path = folder / f"Pulumi.{answers.name}.yaml"
    stack = parse(sections(answers))
    if path.exists():
        raise SettingsError(f"{path.name}: is there already; edit it, or choose another name")
    if errors := list(conflicts(stack, existing_stacks(folder))):
        raise SettingsError.of(errors)
    if lines := refusals(stack):
        raise SettingsError("\n".join(lines))
    config = {PREFIX + key: value for key, value in sections(answers).items()}
    write_new(path, text(config))
    return path


def write_new(path: Path, content: str) -> None:
    """Write a file that is not there yet; of one that can't be written nothing stays.

    Raises SettingsError.
    """
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(content)
    except FileExistsError:
        raise SettingsError(f"{path}: is there already; choose another name") from None
    except OSError as error:
        with suppress(OSError):  # as where the folder is read-only
            path.unlink()
        raise SettingsError(f"{path}: can't be written: {error.strerror}") from None


def existing_stacks(folder: Path) -> dict[str, Settings]:
    """File -> stack, of those that are there. One that can't be deployed holds no names yet."""
    stacks = {}
    for path in sorted(folder.glob("Pulumi.*.yaml")):
        with suppress(SettingsError):
            stacks[path.name] = read(path)
    return stacks


def conflicts(stack: Settings, others: Mapping[str, Settings]) -> Iterable[ConfigError]:
    """What two stacks can't have at once: names in an AWS account, groups in the Okta org."""
    for file, other in others.items():
        used = {account.id for account in other.accounts.values()}
        for name, account in stack.accounts.items():
            if account.id in used:
                rule = f"is an account of {file} too, which has names such as {stack.app.provider}"
                fix = "give each environment an account of its own"
                yield ConfigError(f"accounts.{name}.id", rule, fix, account.id)
        for group in stack.groups.keys() & other.groups.keys():
            rule = f"is a group of {file} too, and Okta has one of a name"
            yield ConfigError(f"groups.{group}", rule, "name the environment in it")


def text(config: Mapping[str, Any]) -> str:
    """The text of a stack file with this configuration."""
    body = yaml.dump({"config": dict(config)}, Dumper=Dumper, sort_keys=False, allow_unicode=True)
    return f"{SCHEMA}\n{body}"


class Dumper(yaml.SafeDumper):  # type: ignore[misc] # PyYAML ships no types
    """Puts in quotes what some reader of YAML would not take for a text."""


def represent_text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = '"' if yaml_nodes.ambiguity(value) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style)


Dumper.add_representer(str, represent_text)


def summary(path: Path, *, as_json: bool) -> str:
    """What was written, and how it goes on."""
    if as_json:
        return json.dumps({"file": path.name})
    stack = stack_name(path)
    return (
        f"wrote {path.name}\n\n"
        f"  python -m access check {path.name}\n"
        f"  pulumi stack init {stack}\n"
        f"  pulumi preview --stack {stack}"
    )
