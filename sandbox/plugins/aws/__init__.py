"""An emulated `pulumi-resource-aws`: IAM, SSM parameters, Secrets Manager, EventBridge rules."""
