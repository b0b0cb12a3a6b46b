"""What the next update would do, read from `pulumi preview --json` and its import file.

Source: Pulumi, `pulumi preview` (`--json`, `--import-file`) and "Bulk import operations".
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What a preview shows in place of a value that is known only after the update."""


@dataclass(frozen=True)
class Planned:
    """A resource of the program, as the preview sees it."""

    urn: str
    type: str
    inputs: Mapping[str, Any]
    provider: str
    """URN of its provider; empty for a component."""
    dependencies: Mapping[str, Sequence[str]]
    """Input -> URNs of the resources that it depends on."""
    creates: bool
    """Whether the update would create it: the state lacks it, or it is gone from its cloud."""

    @property
    def name(self) -> str:
        return self.urn.rpartition("::")[2]

    def with_ids(self, ids: Mapping[str, str]) -> "Planned":
        """The same, with an input that only the id of one resource makes unknown filled in."""
        filled = {
            key: ids[urns[0]]
            for key, urns in self.dependencies.items()
            if self.inputs.get(key) == UNKNOWN and len(urns) == 1 and urns[0] in ids
        }
        return replace(self, inputs={**self.inputs, **filled})

    def text(self, key: str) -> str:
        """An input; empty if it is absent or not known before the update."""
        value = self.inputs.get(key)
        return "" if value is None or UNKNOWN in str(value) else str(value)


@dataclass(frozen=True)
class Plan:
    resources: Mapping[str, Planned]
    """URN -> resource, in the order of the preview."""
    skeleton: Mapping[str, Any]
    """The engine's import file of all that it would create, without ids."""

    @classmethod
    def parse(cls, preview: Mapping[str, Any], skeleton: Mapping[str, Any]) -> "Plan":
        resources: dict[str, Planned] = {}
        for step in preview.get("steps", ()):
            state = step.get("newState") or step.get("oldState")
            if state is None:
                continue
            resources[step["urn"]] = Planned(
                urn=step["urn"],
                type=state["type"],
                inputs=state.get("inputs") or {},
                provider=state.get("provider", "").rpartition("::")[0],
                dependencies=state.get("propertyDependencies") or {},
                creates=step["op"] == "create",
            )
        return cls(resources, skeleton)

    @property
    def created(self) -> list[Planned]:
        return [each for each in self.resources.values() if each.creates]

    def of_type(self, *types: str) -> Iterator[Planned]:
        return (each for each in self.resources.values() if each.type in types)

    def account_of(self, planned: Planned) -> str | None:
        """Id of the AWS account in which a resource is, which its provider is limited to."""
        provider = self.resources.get(planned.provider)
        accounts = json.loads((provider and provider.inputs.get("allowedAccountIds")) or "[]")
        return str(accounts[0]) if accounts else None

    def import_file(self, ids: Mapping[str, str]) -> dict[str, Any]:
        """What `pulumi import --file` reads: the engine's own file, limited to the URNs of `ids`.

        Parents and providers that the state lacks stay in it; the import makes them too.
        """
        by_name = {(each.type, each.name): each.urn for each in self.created}
        entries = {
            entry["name"]: (entry, by_name.get((entry["type"], _logical_name(entry))))
            for entry in self.skeleton.get("resources", ())
        }
        included = {name for name, (_, urn) in entries.items() if urn in ids}
        for name in list(included):
            entry, _ = entries[name]
            while (parent := entry.get("parent")) in entries:
                included.add(parent)
                entry, _ = entries[parent]
        for name in list(included):
            if (provider := entries[name][0].get("provider")) in entries:
                included.add(provider)
        resources = [
            entry | ({"id": ids[urn]} if urn is not None and urn in ids else {})
            for name, (entry, urn) in entries.items()
            if name in included
        ]
        used = {entry.get(key) for entry in resources for key in ("parent", "provider")}
        table = self.skeleton.get("nameTable", {})
        return {
            "nameTable": {name: urn for name, urn in table.items() if name in used},
            "resources": resources,
        }


def _logical_name(entry: Mapping[str, Any]) -> str:
    name: str = entry.get("logicalName") or entry["name"]
    return name
