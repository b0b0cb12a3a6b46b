"""The contract with other stacks: what a federation exports, and the class that reads it.

Another project builds on a federation by stack reference. In Python:

    from okta_aws_federation.contract import Federation

    federation = Federation("organization/okta-aws-federation/dev")
    federation.trust_policy("OktaDeveloper")

In any other language by name: `new pulumi.StackReference(...).requireOutput("trustPolicies")`. A
whole project that does it is `examples/consumer`.

Within a version, outputs are added, and none is renamed, taken away or given another form. What is
added is `NotRequired`, for a stack that was deployed earlier lacks it; whoever asks for it there is
told so in one line. A change that consumers have to follow counts `contractVersion` up.
"""

from .federation import ContractError, Federation
from .outputs import VERSION, Outputs, RoleOutputs

__all__ = ["VERSION", "ContractError", "Federation", "Outputs", "RoleOutputs"]
