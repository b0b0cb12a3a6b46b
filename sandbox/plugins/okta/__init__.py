"""The stand-in for `pulumi-resource-okta`: the types that the program uses."""
