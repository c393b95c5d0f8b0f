"""Calibration: what makes thresholds of dials. Made of rows of traffic, read when a configuration is loaded."""
