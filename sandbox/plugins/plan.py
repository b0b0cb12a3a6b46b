"""What the plugin answers before it calls anything: checked inputs, differences, planned outputs.

Inputs that were filled in are listed in the input `__defaults`, as the published plugins do it: a
generated name is told from an explicit one by it, in this run and the next.
"""

import json
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from sandbox.plugins.schema import FLAG, Input, Resource, Values
from sandbox.plugins.values import UNKNOWN, has_unknown

DEFAULTS = "__defaults"

MakeName = Callable[[int], str | None]
"""The longest a name may be -> a name; None where the person wants none to be made up."""


def check(
    resource: Resource, called: str, program_inputs: Values, old: Values, make_name: MakeName
) -> tuple[Values, list[str]]:
    """The inputs of the resource `called` with what was left out filled in, and the failures."""
    inputs = {name: value for name, value in program_inputs.items() if name != DEFAULTS}
    failures = []
    for name in sorted(inputs.keys() - resource.inputs.keys()):
        failures.append(f'an argument named "{snake(name)}" is not expected here')
        del inputs[name]
    for name in inputs:
        inputs[name], failure = _checked(name, resource.inputs[name], inputs[name])
        failures += failure
    filled = _filled(resource, inputs, old, make_name)
    failures += relation_failures(resource.inputs, inputs, called)
    inputs |= filled
    failures += [
        f'Missing required argument. The argument "{snake(name)}" is required, '
        "but no definition was found."
        for name, one in resource.inputs.items()
        if one.required and name not in inputs
    ]
    if not failures:
        failures += resource.valid(inputs)
    return inputs | {DEFAULTS: sorted(filled)}, failures


def _checked(name: str, one: Input, value: Any) -> tuple[Any, list[str]]:
    if has_unknown(value):
        return value, []
    try:
        value = one.value_type.accept(value)
    except ValueError as error:
        return value, [f"{snake(name)}: {error}"]
    if not one.supports(value):
        return value, [f"{snake(name)}: this emulated plugin does not do what it asks for"]
    failures = (valid(snake(name), value) for valid in one.valid)
    return value, [failure for failure in failures if failure]


def config_failures(table: Mapping[str, Input], config: Values, name: str) -> list[str]:
    """What is wrong with the arguments of the provider `name`; those that are no text are JSON."""
    failures = []
    for argument, value in sorted(config.items()):
        if argument in ("version", "pluginDownloadURL"):
            continue
        row = table.get(argument)
        if row is None:
            failures.append(f'a provider argument named "{snake(argument)}" is not expected here')
        elif not row.supported:
            failures.append(f"{snake(argument)}: this emulated plugin does not do what it asks for")
        elif row.valid and not has_unknown(value):
            decoded = json.loads(value) if isinstance(value, str) else value
            failures += filter(None, (valid(snake(argument), decoded) for valid in row.valid))
    return relation_failures(table, config, name) + failures


def relation_failures(table: Mapping[str, Input], inputs: Values, name: str) -> list[str]:
    """Arguments that exclude each other, or lack another, in the published plugins' words.

    As Terraform's SDK checks it: an argument counts as set whatever its value, and one whose value
    is not known yet does not count. `inputs` are the program's, before defaults are filled in.
    """
    known = {argument for argument, value in inputs.items() if not has_unknown(value)}
    failures = []
    for argument in sorted(known & table.keys()):
        row = table[argument]
        at = f"Examine values at '{name}.{argument}'."
        if excluded := [other for other in row.conflicts if other in known]:
            failures.append(
                f'Conflicting configuration arguments. "{snake(argument)}": conflicts with '
                f"{snake(excluded[0])}. {at}"
            )
        if any(other not in inputs for other in row.required_with):
            together = ",".join(sorted(map(snake, (argument, *row.required_with))))
            failures.append(
                f'Missing required argument. "{snake(argument)}": all of `{together}` must be '
                f"specified. {at}"
            )
    return failures


def _filled(resource: Resource, inputs: Values, old: Values, make_name: MakeName) -> Values:
    """Defaults and generated names. A name that was generated before stays."""
    filled: Values = {}
    for name, one in resource.inputs.items():
        if name in inputs:
            continue
        if one.default is not None:
            filled[name] = one.default
        elif one.generated:
            old_name = old.get(name) if name in old.get(DEFAULTS, []) else None
            filled[name] = old_name or make_name(one.generated)
    return {name: value for name, value in filled.items() if value is not None}


def differences(
    resource: Resource, state: Values, inputs: Values, ignored: Collection[str] = ()
) -> frozenset[str]:
    """The inputs in which the wanted and the real differ."""
    return frozenset(
        name
        for name, one in resource.inputs.items()
        if name not in ignored and _differs(one, state.get(name), inputs.get(name))
    )


def _differs(one: Input, real: Any, wanted: Any) -> bool:
    if wanted is None and one.stays:
        return False
    if has_unknown(wanted):
        return True
    zero, meaning = one.value_type.zero, one.value_type.comparison_key
    return bool(
        meaning(zero if real is None else real) != meaning(zero if wanted is None else wanted)
    )


def must_delete_before_replace(resource: Resource, inputs: Values) -> bool:
    """Whether the old one must go before its replacement comes: a given name is taken till then."""
    explicit_names = [
        name
        for name, one in resource.inputs.items()
        if one.generated and name in inputs and name not in inputs.get(DEFAULTS, [])
    ]
    return resource.delete_before_replace or bool(explicit_names)


def planned_outputs(resource: Resource, state: Values, inputs: Values) -> Values:
    """The outputs after a creation (the state is empty then) or an update, as far as known."""
    names = ["id", *resource.outputs]
    names += [
        name for name, one in resource.inputs.items() if one.computed or (state and one.suppressed)
    ]
    absent = None if state else UNKNOWN
    return {name: state.get(name, absent) for name in names} | {
        name: _shown(one, inputs[name]) for name, one in resource.inputs.items() if name in inputs
    }


def merge_state(resource: Resource, inputs: Values, outputs: Values) -> Values:
    """The state after a call: what the cloud answered, over what only the program knows."""
    state = {
        name: _shown(one, inputs[name]) for name, one in resource.inputs.items() if name in inputs
    }
    unset = {name: False for name, one in resource.inputs.items() if one.value_type is FLAG}
    return unset | state | outputs


def _shown(one: Input, value: Any) -> Any:
    return value if has_unknown(value) else one.value_type.canonical(value)


def inputs_from_state(resource: Resource, outputs: Values, old: Values) -> Values:
    """The inputs that a program would have to hold for the outputs to be as wanted.

    After a refresh: the old ones, in their own words where those still say the same, with what
    somebody has changed. After an import, when there are no old ones: whatever is not a default.
    """
    found = {DEFAULTS: old.get(DEFAULTS, [])}
    for name, one in resource.inputs.items():
        real = outputs.get(name)
        if name in old:
            found[name] = real if _differs(one, real, old[name]) else old[name]
        elif real is None or real in (one.value_type.zero, one.default) or name == "tagsAll":
            continue
        elif not old or not one.stays:
            found[name] = real
    return {name: value for name, value in found.items() if value is not None}


def snake(name: str) -> str:
    """`policyArn` -> `policy_arn`: messages name arguments as the published plugins' do."""
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()
