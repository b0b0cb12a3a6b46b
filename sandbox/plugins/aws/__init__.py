"""The emulation of `pulumi-resource-aws`: IAM, and the two places where a secret is stored."""
