"""A federation's stack as another project reads it: typed, and clear about what is not there.

Another project builds on a federation by stack reference. In Python:

    from okta_aws_federation.stack_reference import Federation

    federation = Federation("organization/okta-aws-federation/dev")
    federation.role_arn("OktaDeveloper")

In any other language by name: `new pulumi.StackReference(...).requireOutput("roles")`. A whole
project that does it is `examples/consumer`.

Within a version, outputs are added, and none is renamed, taken away or given another form. What is
added is `NotRequired`, for a stack that was deployed earlier lacks it; whoever asks for it there is
told so in one line. A change that consumers have to follow counts `contractVersion` up; this class
reads version 1 too, so that consumers are upgraded first and the stack after them.

In version 1 an entry of `roles` had `arn` and `pair`, and `trustPolicies` had each role's trust
policy: twenty lines a role on the screen at every `pulumi up`. Where you read them by name, `pair`
is `samlProviderArns` and the ARN joined by a comma, and AWS has the trust policy:
`aws.iam.getRole`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import partial
from typing import Any, NamedTuple

from pulumi import InvokeOptions, Output, ResourceOptions, RunError, StackReference

from .stack_outputs import VERSION

READABLE = (1, VERSION)
"""Versions of the outputs that are read."""


class ContractError(RunError):
    """The stack can't give what was asked of it. On the engine's screen it is one line."""


class Federation:
    """The outputs of a federation's stack; what is never asked for may be absent."""

    def __init__(self, stack: str, opts: ResourceOptions | None = None) -> None:
        """`stack` as the engine names it: `organization/okta-aws-federation/dev`."""
        self._stack = stack
        self._reference = StackReference(stack, opts=opts)

    @property
    def app_id(self) -> Output[str]:
        """Okta's id of the app, to assign more groups to it."""
        return self._output("appId")

    @property
    def sign_in_url(self) -> Output[str]:
        """The tile's link."""
        return self._output("signInUrl")

    @property
    def certificate_expires(self) -> Output[str]:
        """When the app's signing certificate runs out (RFC 3339)."""
        return self._output("certificateExpires")

    @property
    def metadata(self) -> Output[str]:
        """The app's metadata (XML), of the Okta half of an estate: for SAML providers."""
        return self._output("metadata")

    def saml_provider_arn(self, account: str) -> Output[str]:
        """The SAML provider of an account, by the account's short name."""
        return self._entry("samlProviderArns", account)

    def role_arn(self, role: str) -> Output[str]:
        """A role's ARN, for policies of resources that its people may use."""
        return self._entry("roles", role).apply(
            lambda found: str(found["arn"] if isinstance(found, dict) else found)
        )

    def role_name(self, role: str) -> Output[str]:
        """A role's name in AWS, to attach more policies to it."""
        return self.role_arn(role).apply(lambda arn: arn.rpartition("/")[2])

    def role_pair(self, role: str) -> Output[str]:
        """`provider ARN,role ARN`, as an assertion names a role."""
        return Output.all(self._output("samlProviderArns"), self.role_arn(role)).apply(
            lambda arns: saml_role_value(*arns)
        )

    def trust_policy(self, role: str, opts: InvokeOptions | None = None) -> Output[str]:
        """A role's trust policy, JSON, for a role of your own that the same people assume: as AWS
        has it (`iam:GetRole`; `opts` has the provider of the role's account); of version 1 the
        output `trustPolicies`."""
        from pulumi_aws import iam  # here: the other readings need no SDK of AWS

        def of_version(index: OutputIndex) -> Output[str]:
            if index.version == 1:
                return self._entry("trustPolicies", role)
            found = iam.get_role_output(name=self.role_name(role), opts=opts)
            return found.assume_role_policy

        return self._index.apply(of_version)

    def group_id(self, group: str) -> Output[str]:
        """Okta's id of a group, by the group's name."""
        return self._entry("groupIds", group)

    @property
    def provisioning_access_key_id(self) -> Output[str]:
        """The id of the key that goes into Okta's Provisioning tab."""
        return self._output("provisioningAccessKeyId")

    @property
    def provisioning_secret_access_key(self) -> Output[str]:
        """The secret of that key: it stays a secret, encrypted in the reader's own state."""
        return self._output("provisioningSecretAccessKey")

    @property
    def _index(self) -> Output[OutputIndex]:
        # All outputs together are a secret if one of them is; which ones there are is none.
        return Output.unsecret(self._reference.outputs.apply(OutputIndex.of))

    def _output(self, name: str) -> Output[Any]:
        value = self._reference.get_output(name)
        return Output.all(self._index, value).apply(
            lambda known: require(self._stack, name, *known)
        )

    def _entry(self, output: str, key: str) -> Output[Any]:
        return self._output(output).apply(partial(require_key, self._stack, output, key))


class OutputIndex(NamedTuple):
    """Version and names of a stack's outputs; no values, so it is no secret."""

    version: float | None
    names: list[str]

    @classmethod
    def of(cls, outputs: dict[str, Any] | None) -> OutputIndex:
        return cls((outputs or {}).get("contractVersion"), sorted(outputs or {}))


def require(stack: str, name: str, index: OutputIndex, value: Any) -> Any:
    """An output's value. Raises ContractError if the stack has none, or is of another version."""
    version, names = index
    if not names:
        raise ContractError(f"{stack} has no outputs yet; deploy it first: pulumi up")
    if version is None:
        raise ContractError(
            f"{stack} has no output contractVersion, so it is no stack of okta-aws-federation "
            f"({available(names)}); name one that is"
        )
    if version not in READABLE:
        raise ContractError(
            f"{stack} has outputs of version {version:g}, and this package reads "
            f"{' and '.join(map(str, READABLE))}; install the okta-aws-federation that the stack "
            "is deployed with"
        )
    if value is None:
        raise ContractError(
            f"{stack} has no output {name} ({available(names)}); deploy it with a program and in a "
            f"mode that exports {name}"
        )
    return value


def require_key(stack: str, output: str, key: str, found: dict[str, Any]) -> Any:
    """One entry of an output that is a mapping. Raises ContractError if it has none of the name."""
    if key not in found:
        near = difflib.get_close_matches(key, found, n=1)
        fix = f"did you mean {near[0]}?" if near else f"add {key} to the stack file, and deploy it"
        raise ContractError(
            f"{stack} has no {key} in its output {output} ({available(found)}); {fix}"
        )
    return found[key]


def saml_role_value(saml_provider_arns: dict[str, str], role_arn: str) -> str:
    """`provider ARN,role ARN`, with the provider of the role's account."""
    account = role_arn.split(":")[4]
    [provider] = [arn for arn in saml_provider_arns.values() if arn.split(":")[4] == account]
    return f"{provider},{role_arn}"


def available(names: Iterable[str]) -> str:
    return f"it has {', '.join(sorted(names)) or 'none'}"
