"""Defaults and limits that a stack file and the components share.

Sources: AWS's names in Okta's help, "Connect Okta to a single AWS instance"; the ranges of Okta's
app (`sessionDuration`) and of IAM's role (`MaxSessionDuration`), of Okta's key (`validityYears`).
"""

APP_LABEL = "AWS Account Federation"
PROVIDER_NAME = "Okta"
PROVISIONING_USER = "OktaSSOuser"
PROVISIONING_POLICY = "OktaMasterAccountPolicy"
PROVISIONING_GROUP = "OktaSSOusers"

SESSION_HOURS = range(1, 13)
CERTIFICATE_VALID_YEARS = range(2, 11)
CERTIFICATE_YEARS = 3
CERTIFICATE_WARN_DAYS = 60
REAUTHENTICATE_HOURS = 12
TRUST_POLICY_CHARACTERS = 2048
