"""`python -m sandbox.plugins.okta`: the engine starts this."""

from sandbox.plugins.okta import apps, assignments, groups, lookups, oauth, policies, rules, users
from sandbox.plugins.okta.org import connect
from sandbox.plugins.protocol import Provider, serve

MODULES = (apps, groups, rules, users, assignments, policies, oauth)

serve(
    Provider(
        "pulumi_okta",
        connect,
        tuple(kind for module in MODULES for kind in module.KINDS),
        lookups.INVOKES,
    )
)
