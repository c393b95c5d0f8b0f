"""Difficulty: the calibrated probability that the small model is not good enough."""
