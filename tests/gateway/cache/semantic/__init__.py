"""The semantic cache."""
