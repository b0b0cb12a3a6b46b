"""Sign-on from Okta to AWS: a library without any provider's SDK, and four Pulumi components.

What a deployment, a check before it and an emulated cloud have to agree on: partitions and their
sign-in pages, names of role groups, trust policies, how IAM decides, what a stack exports. The
components are imported by name, and load the SDKs only then:

    from okta_aws_federation import FederatedRole, FederatedRoleArgs
    from okta_aws_federation.stack_reference import Federation
"""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .components import *  # noqa: F403 - the components' own list of names


def __getattr__(name: str) -> Any:
    """A component, an argument class, or `__all__`. Raises ImportError without the SDKs."""
    if (name.startswith("_") and name != "__all__") or find_spec(f"{__name__}.{name}"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # Installed, the components are a part of this package; in the repository, a folder beside it.
    installed = f"{__name__}.components"
    try:
        module = importlib.import_module(installed if find_spec(installed) else "components")
    except ModuleNotFoundError as error:
        if error.name not in ("pulumi", "pulumi_aws", "pulumi_okta"):
            raise
        raise ImportError(
            f"{name} needs {error.name}: pip install 'okta-aws-federation[components]'"
        ) from error
    return getattr(module, name)
