"""Restoring what was masked: in whole answers and in streams, in a client's own words before it sees them."""
