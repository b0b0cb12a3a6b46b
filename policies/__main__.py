"""The pack: which rules there are, and what happens when one is broken."""

from pulumi_policy import EnforcementLevel, PolicyPack

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

PolicyPack(
    "okta-aws-federation",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[
        trust.saml_trust_has_audience,
        trust.saml_audience_matches_partition,
        trust.saml_trust_action_only,
        trust.saml_trust_principal_is_known_provider,
        trust.no_wildcard_in_federated_principal,
        trust.tag_session_needs_tag_key_allow_list,
        principals.no_public_role,
        principals.no_whole_account_trust,
        principals.service_trust_has_source,
        privileges.no_administrator_access,
        privileges.no_administrator_by_hand,
        privileges.no_service_wildcard,
        escalation.privilege_escalation,
        escalation.combined_privilege_escalation,
        credentials.user_policy_via_group,
        provisioning.provisioning_policy_read_only,
        credentials.max_two_keys,
        credentials.key_age,
        credentials.no_console_login_profile,
        hygiene.role_tags,
        sessions.session_within_limit,
        sessions.app_session_within_role,
        hygiene.saml_provider_protected,
        certificates.saml_certificate_lasts,
        assignments.okta_app_not_everyone,
        assignments.unique_priorities,
    ],
)
