"""Would AWS allow this request? A pure answer from policies, with the statement that decided.

`evaluate` is IAM's policy evaluation logic within an account and across accounts; `evaluate_trust`
asks a role's trust policy alone. No service control policies. Source: IAM User Guide, "Policy
evaluation logic", "Cross-account policy evaluation logic", "AWS JSON policy elements: Principal".

    role = Policy.parse(document, name="AmazonEC2ReadOnlyAccess")
    evaluate(Request("ec2:RunInstances"), identity=[role]).reason
    # 'no identity policy allows ec2:RunInstances on *'
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from okta_aws_federation.iam.matching import Context, ContextValue
from okta_aws_federation.iam.policy import MalformedPolicy, Policy, Principals, Statement

__all__ = [
    "Decision",
    "Effect",
    "MalformedPolicy",
    "Policy",
    "Principal",
    "Request",
    "StatementRef",
    "evaluate",
    "evaluate_trust",
]

NEEDS_NO_PERMISSION = frozenset({"sts:getcalleridentity"})
"""Actions, in lower case, that no policy can take away. Source: STS API Reference."""

Effect = Literal["allow", "explicitDeny", "implicitDeny"]
Layer = Literal["identity", "boundary", "session", "resource", "trust"]
_Grant = Literal["direct", "role", "account"]


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: the identifiers that a Principal element may name, most specific first."""

    kind: Literal["AWS", "Federated", "Service"]
    identifiers: tuple[str, ...]
    account: str | None = None

    @classmethod
    def user(cls, arn: str) -> Principal:
        """An IAM user, by its ARN."""
        return cls("AWS", (arn,), _account_of(arn))

    @classmethod
    def session(cls, session_arn: str, role_arn: str) -> Principal:
        """A session of a role: `arn:aws:sts::<account>:assumed-role/<role>/<session>`."""
        return cls("AWS", (session_arn, role_arn), _account_of(role_arn))

    @classmethod
    def federated(cls, provider: str) -> Principal:
        """Somebody known to an identity provider, by the provider's ARN."""
        return cls("Federated", (provider,), _account_of(provider))

    @classmethod
    def service(cls, name: str) -> Principal:
        """An AWS service, such as `ec2.amazonaws.com`."""
        return cls("Service", (name,))


@dataclass(frozen=True)
class Request:
    """One call: the action, the resource's ARN (`*` where the action has none), and its context.

    `context` maps condition keys, in any case, to a string or to a tuple of strings (multivalued).
    `account` is the owner of the resource where the ARN does not say (S3, `*`).
    """

    action: str
    resource: str = "*"
    principal: Principal | None = None
    context: Mapping[str, ContextValue] = field(default_factory=dict)
    account: str | None = None
    folded: Context = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Condition keys ignore case: fold them once, not once per condition."""
        folded = {key.lower(): value for key, value in self.context.items()}
        object.__setattr__(self, "folded", folded)


@dataclass(frozen=True, slots=True)
class StatementRef:
    """Where a statement stands: policy, Sid if it has one, and its number counted from 1."""

    policy: str
    sid: str | None
    number: int

    def __str__(self) -> str:
        """`statement 2 (ReadOnly) of MyPolicy`."""
        return f"statement {self.number}{f' ({self.sid})' if self.sid else ''} of {self.policy}"


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, one sentence why, the layer of policies that decided and the statement."""

    effect: Effect
    reason: str
    layer: Layer
    statement: StatementRef | None

    @property
    def allowed(self) -> bool:
        """Whether the request goes through."""
        return self.effect == "allow"


def evaluate(
    request: Request,
    *,
    identity: Sequence[Policy] = (),
    boundary: Sequence[Policy] | None = None,
    session: Sequence[Policy] | None = None,
    resource: Sequence[Policy] = (),
) -> Decision:
    """Decide a request of a user or of a role's session.

    `identity`: the caller's own policies and those of its groups. `boundary` and `session`: None
    means that there is none, while an empty sequence allows nothing. `resource`: policies of the
    resource; `request.principal` must then be given.
    """
    layers: list[tuple[Layer, Sequence[Policy]]] = [("identity", identity), ("resource", resource)]
    layers += [("boundary", boundary or ()), ("session", session or ())]
    for layer, policies in layers:
        denied = next(_matching(request, policies, layer, allows=False), None)
        if denied is not None:
            return _denied(request, layer, denied)
    granted = _grants(request, resource)
    crosses = _crosses_accounts(request)
    if crosses and not granted:
        return _not_allowed(request, "resource")
    if not crosses and "direct" in granted:
        return _allowed("resource", granted["direct"])
    required: list[tuple[Layer, Sequence[Policy]]] = [("identity", identity)]
    required += [("boundary", boundary)] if boundary is not None else []
    required += [("session", session)] if session is not None else []
    deciding: tuple[Layer, StatementRef] | None = None
    for layer, policies in required:
        found = next(_matching(request, policies, layer, allows=True), None)
        if found is not None:
            deciding = deciding or (layer, found)
        elif layer == "identity" and not crosses and "role" in granted:
            deciding = ("resource", granted["role"])
        else:
            return _not_allowed(request, layer)
    assert deciding is not None  # noqa: S101 - the identity layer is always required
    return _allowed(*deciding)


def evaluate_trust(request: Request, trust: Policy) -> Decision:
    """Ask a role's trust policy whether `request.principal` may take the role.

    For `sts:AssumeRoleWithSAML` and `sts:AssumeRoleWithWebIdentity` that is the whole decision. For
    `sts:AssumeRole` the caller's own policies have to allow it too, unless the trust policy names
    the caller itself: see `evaluate` with the trust policy as `resource`.
    """
    for allows in (False, True):
        found = next(_matching(request, [trust], "trust", allows=allows), None)
        if found is not None:
            return _allowed("trust", found) if allows else _denied(request, "trust", found)
    return _not_allowed(request, "trust")


def _matching(
    request: Request, policies: Iterable[Policy], layer: Layer, *, allows: bool
) -> Iterator[StatementRef]:
    by_principal = layer in ("resource", "trust")
    for policy in policies:
        for statement in policy.statements_for(request.action):
            if (
                statement.allows == allows
                and (not by_principal or _means(statement, request.principal) is not None)
                and statement.covers_resource(request.resource, request.folded)
                and statement.conditions_hold(request.folded)
            ):
                yield StatementRef(policy.name, statement.sid, statement.number)


def _grants(request: Request, policies: Sequence[Policy]) -> dict[_Grant, StatementRef]:
    """What the resource's policies allow this caller, by how closely they name it."""
    granted: dict[_Grant, StatementRef] = {}
    for policy in policies:
        for statement in policy.statements_for(request.action):
            grant = _means(statement, request.principal) if statement.allows else None
            if (
                grant is not None
                and statement.covers_resource(request.resource, request.folded)
                and statement.conditions_hold(request.folded)
            ):
                reference = StatementRef(policy.name, statement.sid, statement.number)
                granted.setdefault(grant, reference)
    return granted


def _means(statement: Statement, principal: Principal | None) -> _Grant | None:
    """How a statement names the caller: itself, its role, only its account, or not at all."""
    if principal is None or statement.principals is None:
        return None
    if statement.except_principals:
        return None if _names_whole_chain(statement.principals, principal) else "direct"
    if statement.principals.everyone:
        return "direct"
    named = statement.principals.named
    for position, identifier in enumerate(principal.identifiers):
        if (principal.kind, identifier) in named:
            return "role" if position else "direct"
    if principal.kind == "AWS" and ("AWS", principal.account) in named:
        return "account"
    return None


def _names_whole_chain(principals: Principals, principal: Principal) -> bool:
    """NotPrincipal spares a caller only if it lists the caller, its role and its account."""
    chain = list(principal.identifiers)
    if principal.kind == "AWS" and principal.account:
        chain.append(principal.account)
    return all((principal.kind, identifier) in principals.named for identifier in chain)


def _crosses_accounts(request: Request) -> bool:
    owner = request.account or _account_of(request.resource)
    caller = request.principal.account if request.principal else None
    return owner is not None and caller is not None and owner != caller


def _account_of(arn: str) -> str | None:
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 and parts[4].isdigit() else None


def _allowed(layer: Layer, statement: StatementRef) -> Decision:
    return Decision("allow", f"allowed by {statement}", layer, statement)


def _denied(request: Request, layer: Layer, statement: StatementRef) -> Decision:
    reason = f"{request.action} on {request.resource} is denied by {statement} ({layer})"
    return Decision("explicitDeny", reason, layer, statement)


def _not_allowed(request: Request, layer: Layer) -> Decision:
    noun = "the trust policy does not allow" if layer == "trust" else f"no {layer} policy allows"
    return Decision("implicitDeny", f"{noun} {request.action} on {request.resource}", layer, None)
