"""An Okta org on this machine: management API, identity provider and pages, all in memory.

It serves what the published Okta provider sends and reads, no more: a request outside that
contract gets Okta's 404 and a line in the log, never a silent 200.
"""
