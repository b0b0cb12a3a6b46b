"""An emulated `pulumi-resource-okta`: apps, groups, users, memberships, app sign-on policies."""
