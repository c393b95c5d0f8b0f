"""Semantic: the same question in other words gets the answer that was given before."""
