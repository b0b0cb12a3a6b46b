"""From a federation that was made by hand to the stack file that describes it.

Both clouds are read into plain values (`existing`), written as sections of a stack file
(`sections`, `trust`), and what is left to say about them is compared with the clouds (`changes`).
Nothing is changed in a cloud, and no secret is read.
"""
