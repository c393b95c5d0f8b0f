"""Processes: the parent that owns the socket and the embedded model, and the workers that serve."""
