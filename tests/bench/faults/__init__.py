"""Tests of bench/faults: what its table rests on."""
