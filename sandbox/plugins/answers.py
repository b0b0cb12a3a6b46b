"""Answers to the engine that several calls share, and the ways to say no."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from secrets import token_hex
from typing import Any, NamedTuple, NoReturn

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage

from sandbox.engine.protos import provider_pb2, status_pb2
from sandbox.plugins.schema import CloudError, PartlyCreated, Values
from sandbox.plugins.values import pack

SUFFIX = 7
"""How many hexadecimal digits tell a generated name from the next."""


def checked(inputs: Values, failures: Collection[str], secrets: Collection[str] = ()) -> Any:
    """Each failure without a property: with one, the engine would print the property's value."""
    return provider_pb2.CheckResponse(
        inputs=pack(inputs, secrets),
        failures=[provider_pb2.CheckFailure(reason=reason) for reason in dict.fromkeys(failures)],
    )


def diff(
    changed: Collection[str], replaces: Collection[str] = (), added: Collection[str] = ()
) -> Any:
    """Which properties changed, which of them need a new resource, which had no value before."""
    answer, kind = provider_pb2.DiffResponse, provider_pb2.PropertyDiff
    return answer(
        changes=answer.DIFF_SOME if changed else answer.DIFF_NONE,
        diffs=sorted(changed),
        replaces=sorted(replaces),
        detailedDiff={
            name: kind(
                kind=getattr(
                    kind,
                    ("ADD" if name in added else "UPDATE")
                    + ("_REPLACE" if name in replaces else ""),
                )
            )
            for name in changed
        },
        hasDetailedDiff=True,
    )


def namer(request: Any) -> Callable[[int], str | None]:
    """Makes names as the stack's configuration wants it: `pulumi:autonaming`."""
    wish = request.autonaming
    if wish.mode == wish.DISABLE:
        return lambda longest: None
    if wish.proposed_name:
        return lambda longest: str(wish.proposed_name)
    resource = request.urn.rpartition("::")[2]
    suffix = request.randomSeed.hex()[:SUFFIX] or token_hex(SUFFIX)[:SUFFIX]
    return lambda longest: f"{resource[: longest - SUFFIX - 1]}-{suffix}"


@contextmanager
def grpc_errors(
    context: grpc.ServicerContext,
    inputs: Values | None = None,
    secrets: Collection[str] = (),
    form: Callable[[str], str] = str,
) -> Iterator[None]:
    """Ends the call with the cloud's refusal, worded by `form`, if there is one."""
    try:
        yield
    except PartlyCreated as error:
        fail(context, error.identifier, error.outputs, inputs or {}, secrets, form(str(error)))
    except CloudError as error:
        refuse(context, form(str(error)))


def refuse(context: grpc.ServicerContext, reason: str) -> NoReturn:
    context.abort(grpc.StatusCode.UNKNOWN, reason)
    raise AssertionError("abort raises")


class _Status(NamedTuple):
    """What gRPC's `abort_with_status` takes."""

    code: grpc.StatusCode
    details: str
    trailing_metadata: tuple[tuple[str, bytes], ...]


def fail(
    context: grpc.ServicerContext,
    identifier: str,
    state: Values,
    inputs: Values,
    secrets: Collection[str],
    reason: str,
) -> NoReturn:
    """Ends the call with an error and a state: the resource exists, and needs another update."""
    detail = AnyMessage()
    detail.Pack(
        provider_pb2.ErrorResourceInitFailed(
            id=identifier,
            properties=pack(state | {"id": identifier}, secrets),
            inputs=pack(inputs, secrets),
            reasons=[reason],
        )
    )
    code = grpc.StatusCode.UNKNOWN
    status = status_pb2.Status(code=code.value[0], message=reason, details=[detail])
    trailer = (("grpc-status-details-bin", status.SerializeToString()),)
    context.abort_with_status(_Status(code, reason, trailer))
    raise AssertionError("abort raises")
