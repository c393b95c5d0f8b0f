"""Tests of the detectors, one file a family."""
