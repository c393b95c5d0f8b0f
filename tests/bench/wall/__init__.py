"""Tests of bench/wall: what its tables rest on."""
