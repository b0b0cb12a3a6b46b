"""`python -m sandbox.plugins.aws`: the engine starts this."""

from sandbox.plugins.aws import identities, policies, providers, roles
from sandbox.plugins.aws.account import connect, get_caller_identity
from sandbox.plugins.protocol import Provider, serve

serve(
    Provider(
        "pulumi_aws",
        connect,
        (*providers.KINDS, *roles.KINDS, *policies.KINDS, *identities.KINDS),
        {"aws:index/getCallerIdentity:getCallerIdentity": get_caller_identity},
    )
)
