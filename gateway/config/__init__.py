"""Configuration: one YAML file, typed and strict; the only part that reads the environment."""
