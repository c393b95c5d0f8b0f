"""Specialists: which requests belong to a domain that an operator has named by examples."""
