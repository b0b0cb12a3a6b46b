"""`python -m sandbox.plugins.okta`: the engine starts this."""

from sandbox.plugins.okta import apps, assignments, groups, lookups
from sandbox.plugins.okta.org import connect
from sandbox.plugins.protocol import Provider, serve

serve(
    Provider(
        "pulumi_okta", connect, (*apps.KINDS, *groups.KINDS, *assignments.KINDS), lookups.INVOKES
    )
)
