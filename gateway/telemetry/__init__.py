"""Telemetry: metrics, logs, audit. Never content, a matched value, or a key."""
