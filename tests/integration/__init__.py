"""Integration: parts of the gateway together, seen from outside: what was written down after traffic went through."""
