"""The pack: which rules there are, and what happens when one is broken."""

from pulumi_policy import EnforcementLevel, Policy, PolicyPack

import assignments
import certificates
import credentials
import escalation
import hygiene
import principals
import privileges
import provisioning
import sessions
import trust

RULES = (
    *(trust, principals, privileges, escalation, credentials),
    *(provisioning, hygiene, sessions, certificates, assignments),
)

PolicyPack(
    "okta-aws-federation",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[
        each for module in RULES for each in vars(module).values() if isinstance(each, Policy)
    ],
)
