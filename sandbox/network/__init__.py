"""Names instead of loopback addresses: certificates, a proxy, and what a client needs for both."""
