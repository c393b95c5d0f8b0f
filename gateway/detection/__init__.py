"""Detection: the scanner of a configuration, with the operator's terms and detectors that run outside it."""
