"""Cache: answers again for nothing."""
