"""`python -m sandbox.plugins.aws`: the engine starts this."""

from sandbox.plugins.aws import exclusive, identities, policies, providers, roles, secrets
from sandbox.plugins.aws.account import connect, get_caller_identity
from sandbox.plugins.protocol import Provider, serve

MODULES = (providers, roles, policies, exclusive, identities, secrets)

serve(
    Provider(
        "pulumi_aws",
        connect,
        tuple(kind for module in MODULES for kind in module.KINDS),
        {"aws:index/getCallerIdentity:getCallerIdentity": get_caller_identity},
    )
)
