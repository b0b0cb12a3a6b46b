"""The stand-in for `pulumi-resource-okta`: apps, groups, people and who belongs where."""
