"""Tests of the router, one file beside each of its modules."""
