"""Stand-ins for the provider plugins that Pulumi publishes, for the types this project uses."""
