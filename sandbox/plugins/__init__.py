"""Stand-ins for the provider plugins that Pulumi publishes: their names, outputs and calls."""
