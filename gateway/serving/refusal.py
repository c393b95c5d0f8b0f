"""What is said to the operator where the gateway does not start."""

from __future__ import annotations


class CannotStart(Exception):
    """Said to the operator, with a remedy; the gateway does not start."""
