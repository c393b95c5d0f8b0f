"""Audit: the record of where content was allowed to go and where it went, in chains that show any later change."""
