"""The generated key: made once for a configuration without keys, and kept in the state directory."""

from __future__ import annotations

import re
from pathlib import Path

from gateway.access.keys import generate_key
from gateway.config.secretfile import kept_key
from gateway.config.settings import GENERATED

FILE_NAME = "generated.key"
KEY_NAME = GENERATED
_KEY = re.compile(r"tg-[A-Za-z0-9]{32,128}")


def generated_key(state_directory: Path) -> str:
    """Raises `ConfigurationError` if the file is open to others, is no key, or cannot be read or written."""
    return kept_key(state_directory / FILE_NAME, generate_key, _KEY)
