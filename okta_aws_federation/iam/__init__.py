"""How IAM decides: policies as data, their conditions and patterns, and the evaluation logic."""
