"""Stores: memory and Redis behind the same small protocols."""
