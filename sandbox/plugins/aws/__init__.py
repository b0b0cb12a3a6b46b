"""The stand-in for `pulumi-resource-aws`: the IAM types that the program uses."""
