"""The stand-in for `pulumi-resource-aws`: IAM, and the two places where a secret is kept."""
