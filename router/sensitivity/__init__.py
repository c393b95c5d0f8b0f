"""Sensitivity: what in the content must not travel."""
