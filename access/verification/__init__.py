"""After a deployment: what a stack file says, held against what both clouds hold.

Nothing is changed. Each cloud is read once into plain values (`aws_state`, `okta_state`), and
compared without it (`compare_aws`, `compare_okta`).
"""
