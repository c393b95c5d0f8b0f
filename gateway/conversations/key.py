"""The key that seals stored responses, where none is configured: made once, and kept in the state directory."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from gateway.config.secretfile import kept_key

FILE_NAME = "responses.key"
_KEY = re.compile(r"[0-9a-f]{64}")


def sealing_key(state_directory: Path) -> str:
    """Raises `ConfigurationError` if the file is open to others, is no key, or cannot be read or written."""
    return kept_key(state_directory / FILE_NAME, lambda: secrets.token_hex(32), _KEY)
