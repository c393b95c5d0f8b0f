"""End to end: real clients on real sockets against `tidegate serve` and scripted upstreams."""
