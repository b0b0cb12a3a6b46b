"""The pack: which rules there are, and what happens when one is broken."""

from pulumi_policy import EnforcementLevel, PolicyPack

import credentials
import privileges
import trust

PolicyPack(
    "okta-aws-federation",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[
        trust.saml_trust_has_audience,
        trust.saml_audience_matches_partition,
        privileges.no_administrator_access,
        credentials.user_policy_via_group,
    ],
)
