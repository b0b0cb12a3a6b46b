"""Mutation tests of the program: small mistakes that the tests without an engine have to notice."""
