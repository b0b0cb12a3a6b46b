"""The demo: the acceptance scenario, from an empty account and org to a login and back."""
