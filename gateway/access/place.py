"""The place: where keys and teams that are made at run time are kept, and the secret that keys are hashed with."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from gateway.config.loaded import Loaded
from gateway.config.secretfile import kept_secret

FILE_NAME: Final = "access.key"


def access_url(loaded: Loaded) -> str:
    return loaded.database("access.db")


def is_missing(url: str) -> bool:
    """Nobody has made a key or a team yet; and for having been asked for, no file is made."""
    scheme, _, file = url.partition(":///")
    return scheme == "sqlite" and not Path(file.partition("?")[0]).exists()


def access_secret(loaded: Loaded) -> str:
    """Configured, or made once and kept in the state directory. Raises `ConfigurationError` if the file is open to
    others, is no key, or cannot be read or written."""
    return loaded.settings.access.secret.get_secret_value() or kept_secret(loaded.state_directory / FILE_NAME)
