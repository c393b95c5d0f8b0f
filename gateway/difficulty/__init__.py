"""The difficulty models of a configuration."""
