"""The former name of `stack_outputs` and `stack_reference`; goes with the next release."""

import warnings

from .stack_outputs import VERSION, Outputs
from .stack_reference import ContractError, Federation

__all__ = ["VERSION", "ContractError", "Federation", "Outputs"]

warnings.warn(
    "okta_aws_federation.contract is now okta_aws_federation.stack_reference (Federation, "
    "ContractError) and okta_aws_federation.stack_outputs (VERSION, Outputs)",
    FutureWarning,
    stacklevel=2,
)
