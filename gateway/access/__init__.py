"""Access: who asks — keys and principals."""
