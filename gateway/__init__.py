"""Tidegate: the gateway that serves what the router decides."""
