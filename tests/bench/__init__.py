"""Tests of the benchmarks: what their figures rest on."""
