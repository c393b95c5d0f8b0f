"""Routing: how well difficulty ranks and is calibrated, and what it costs, beside what it must be."""
