"""Benchmarks: each file measures one thing and prints its figures."""
