"""The secret that captured text is sealed with: configured, or made once and kept in the state directory."""

from __future__ import annotations

from typing import Final

from gateway.config.loaded import Loaded
from gateway.config.secretfile import kept_secret

FILE_NAME: Final = "learning.key"


def capture_key(loaded: Loaded) -> str:
    """Raises `ConfigurationError` if the file is open to others, is no key, or cannot be read or written."""
    configured = loaded.settings.learning.key.get_secret_value()
    return configured or kept_secret(loaded.state_directory / FILE_NAME)
