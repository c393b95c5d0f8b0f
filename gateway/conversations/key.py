"""The key that seals stored responses, where none is configured: made once, and kept in the state directory."""

from __future__ import annotations

from pathlib import Path

from gateway.config.secretfile import kept_secret

FILE_NAME = "responses.key"


def sealing_key(state_directory: Path) -> str:
    """Raises `ConfigurationError` if the file is open to others, is no key, or cannot be read or written."""
    return kept_secret(state_directory / FILE_NAME)
