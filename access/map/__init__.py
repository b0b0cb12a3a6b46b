"""A picture of who enters what: people, groups, roles by account, and what the roles may do."""
