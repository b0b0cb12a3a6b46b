"""What the engine gets for a stack with every setting: a difference is one of each deployed stack.

Names, parents, aliases, providers, protection, order and inputs of each resource, what components
register, and the outputs, as `registrations/*.registered.yaml` has them. After a change that is
meant, delete the file and run the test: it writes it anew and fails once. Read the difference
before you commit: a name or a parent that changes needs an alias.
"""

import json
from pathlib import Path

import pulumi
import pytest
import yaml

STACKS = sorted((Path(__file__).parent / "registrations").glob("*.stack.yaml"))
OPTIONS = (
    *("protect", "ignoreChanges", "replaceOnChanges", "retainOnDelete", "deleteBeforeReplace"),
    *("importId", "deletedWith"),
)


def short(urn):
    """Type and name of a URN, or of a reference to a provider."""
    kind, name = urn.split("::")[2:4]
    return f"{kind.rpartition('$')[2]} {name}"


def readable(value):
    """JSON in texts as what it is, so that a difference is one line."""
    if isinstance(value, dict):
        return {key: readable(each) for key, each in sorted(value.items())}
    if isinstance(value, list):
        return [readable(each) for each in value]
    if isinstance(value, str) and value.startswith(("{", "[")):
        return {"json": readable(json.loads(value))}
    return value


def alias_of(alias):
    spec = alias.spec
    parent = "" if spec.noParent else short(spec.parentUrn) if spec.parentUrn else "same"
    return alias.urn or {"name": spec.name, "type": spec.type, "parent": parent}


def registration(cloud, request):
    options = {name: getattr(request, name) for name in OPTIONS}
    options = {k: v if isinstance(v, bool | str) else list(v) for k, v in options.items() if v}
    references = {
        "parent": short(request.parent) if request.parent else "",
        "provider": short(request.provider) if request.provider else "",
        "providers": {key: short(each) for key, each in sorted(request.providers.items())},
        "dependencies": sorted({short(each) for each in request.dependencies}),
        "aliases": [alias_of(each) for each in request.aliases],
    }
    inputs = next(
        r.inputs for r in cloud.resources if (r.typ, r.name) == (request.type, request.name)
    )
    return {
        **{key: value for key, value in {**references, **options}.items() if value},
        "inputs": readable(inputs),
    }


@pytest.mark.parametrize("stack", STACKS, ids=lambda path: path.name.partition(".")[0])
def test_each_resource_is_registered_as_it_was(cloud, deploy, monkeypatch, stack):
    exported, outputs = {}, {}
    monkeypatch.setattr(pulumi, "export", lambda name, value: exports(name, value))
    monkeypatch.setattr(
        cloud.engine,
        "RegisterResourceOutputs",
        lambda request: outputs.update({request.urn: request}),
    )

    def exports(name, value):
        pulumi.Output.from_input(value).apply(lambda plain: exported.update({name: plain}))

    config = yaml.safe_load(stack.read_text())
    regions = str(config["accounts"])
    cloud.partition = "aws-us-gov" if "us-gov-" in regions else "aws"
    deploy({f"okta-aws-federation:{key}": value for key, value in config.items()})

    registered = {
        f"{kind} {name}": registration(cloud, request)
        for (kind, name), request in cloud.engine.requests.items()
        if kind != "pulumi:pulumi:Stack"
    }
    for urn, request in outputs.items():
        if short(urn) in registered:  # the stack's own come later
            values = pulumi.runtime.rpc.deserialize_properties(request.outputs)
            registered[short(urn)]["outputs"] = readable(values)
    found = json.loads(json.dumps({"exports": readable(exported), **registered}))
    file = stack.with_name(stack.name.replace(".stack.", ".registered."))
    if not file.exists():
        file.write_text(yaml.safe_dump(found, default_flow_style=None, width=110))
        pytest.fail(f"{file.name} was not there and is written: read it, and commit it")

    expected = yaml.safe_load(file.read_text())
    assert sorted(found) == sorted(expected)
    for name in expected:
        assert found[name] == expected[name], name
