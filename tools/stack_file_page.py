"""docs/reference/stack-file.md: every key of a stack file, from the schema of the settings.

Type, default and meaning come from the settings; the examples from `stack_file_examples.yaml`.
"""

import json
from pathlib import Path
from typing import Any

import yaml

from settings.errors import PROJECT
from settings.schema import stack_file_schema

EXAMPLES: dict[str, dict[str, str]] = yaml.safe_load(
    Path(__file__).with_name("stack_file_examples.yaml").read_text()
)
TOP = "Stack"
HEADINGS = {
    "Stack": "The sections",
    "Account": "`accounts.NAME`",
    "App": "`app`",
    "Certificate": "`app.certificate`",
    "CommandLine": "`app.commandLine`",
    "SignOnPolicy": "`app.signOnPolicy`",
    "SourceIdentity": "`app.sourceIdentity`",
    "Role": "`roles.NAME`",
    "Trust": "`roles.NAME.trust`",
    "TrustStatement": "`roles.NAME.trust.statements`",
    "Statement": "`roles.NAME.customerPolicies` and `inlinePolicies`",
    "Group": "`groups.NAME`",
    "Person": "`people.LOGIN`",
    "Provisioning": "`provisioning`",
    "Store": "`provisioning.store`",
    "Expectation": "`expect`",
    "Okta": "`okta`",
    "Quotas": "`quotas`",
}
INTRODUCTION = f"""# The stack file

A stack is one file `Pulumi.NAME.yaml`, and this page has every key of it. Only `accounts` and
`roles` are required. In the file each section stands below `config` and has the prefix
`{PROJECT}:`; the page leaves it out.

<!-- stack: whole -->
```yaml
config:
  {PROJECT}:accounts:
    main: {{ id: "123456789012", region: us-east-1 }}
  {PROJECT}:roles:
    OktaDeveloper: {{ managedPolicies: [AmazonEC2ReadOnlyAccess] }}
  {PROJECT}:groups:
    AWSDeveloper: {{ roles: [OktaDeveloper], members: [ada@example.com] }}
```

`python -m access check FILE` checks a file without a cloud. An editor completes and checks it with
the [JSON Schema](stack.schema.json), if the file's first line is
`# yaml-language-server: $schema=docs/reference/stack.schema.json`. What YAML makes of a value, and
what is refused, is in [How a stack file is read](stack-file-yaml.md).

<!-- Written by `python -m tools.reference` from the code. -->
"""


def stack_file_page() -> str:
    """The page, Markdown. Raises KeyError for a section without examples."""
    sections = schema_sections()
    parts = [INTRODUCTION]
    for name in HEADINGS:
        parts += [f"## {HEADINGS[name]}\n", *section(name, sections[name])]
    return "\n".join(parts)


def schema_sections() -> dict[str, Any]:
    """Name of a section -> its schema, in the order of the settings."""
    schema = stack_file_schema()
    config = schema["properties"]["config"]
    keys = {  # without the JSON text that may stand for a section
        key.removeprefix(f"{PROJECT}:"): each | each.get("else", {})
        for key, each in config["properties"].items()
    }
    required = [key.removeprefix(f"{PROJECT}:") for key in config["required"]]
    top = {"properties": keys, "required": required}
    return {TOP: top, **{name: each for name, each in schema["$defs"].items() if name in HEADINGS}}


def section(name: str, schema: dict[str, Any]) -> list[str]:
    about = [f"{schema['description']}\n"] if "description" in schema else []
    rows = ["| key | type | default | example | meaning |", "| --- | --- | --- | --- | --- |"]
    for key, each in schema["properties"].items():
        example = EXAMPLES[name].get(key)  # a test demands one
        cells = (
            f"`{key}`",
            type_of(each),
            default_of(each, key in schema.get("required", [])),
            f"`{example}`" if example else "",
            " ".join(each.get("description", "").split()),
        )
        rows.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return [*about, "\n".join(rows) + "\n"]


def type_of(schema: dict[str, Any]) -> str:
    """The type in words: `string`, `integer, 1 to 12`, `list`, `mapping`."""
    if "anyOf" in schema:
        return " or ".join(
            dict.fromkeys(type_of(each) for each in schema["anyOf"] if each.get("type") != "null")
        )
    if "enum" in schema:
        return " or ".join(f"`{each}`" for each in schema["enum"])
    if "$ref" in schema:
        return "mapping"
    kind = {"object": "mapping", "array": "list"}.get(schema["type"], str(schema["type"]))
    if schema.get("format") == "date":
        return "day"
    if "minimum" in schema and "maximum" in schema:
        return f"{kind}, {schema['minimum']} to {schema['maximum']}"
    return kind


def default_of(schema: dict[str, Any], required: bool) -> str:
    if required:
        return "required"
    value = schema.get("default")
    if value in (None, "", [], {}) or "$ref" in schema:
        return "none" if "$ref" not in schema else "see below"
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"
