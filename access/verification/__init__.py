"""After a deployment: what a stack file says, held against what both clouds hold.

Nothing is changed. Each cloud is read once into plain values (`aws`, `okta`), and compared without
it (`of_aws`, `of_okta`).
"""
