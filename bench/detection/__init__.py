"""Detection: how well sensitive text is found, what it costs, beside what it must and what it should be."""
