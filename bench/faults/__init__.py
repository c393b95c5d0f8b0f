"""Faults of Redis and PostgreSQL under traffic: what the client sees, how long it waits, and what it comes to."""
