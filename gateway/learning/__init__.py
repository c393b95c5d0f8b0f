"""Learning: what is kept of requests and of what people make of their answers, so that the router learns from it."""
