"""After an interrupted update: what the state lacks, and the steps after which `pulumi up` ends.

The engine itself says which resources the program wants and the state does not hold: a preview
with a refresh (`engine`, `plan`). `identifiers` and `apps` look each of them up in its cloud,
`status` puts the differences and the steps together.
"""
