"""Tests of bench/soak: what its verdict rests on."""
