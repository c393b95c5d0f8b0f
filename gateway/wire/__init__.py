"""What dialects, cache and egress share: the call, server-sent events, the error tree."""
