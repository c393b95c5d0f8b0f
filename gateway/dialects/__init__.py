"""Dialects: one wire format a file. Each turns wire into a call, and a result into wire."""
