"""Dials: how much of the large model operators and callers want, and the controllers that keep it."""
