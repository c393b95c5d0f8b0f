"""Named: names of keys and teams in a request's address. What cannot be one comes to no database."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Path, Query

from gateway.config.checks.keys import NAME

_PATTERN: Final = f"^{NAME}$"
Named = Annotated[str, Path(pattern=_PATTERN)]
NamedIn = Annotated[str | None, Query(pattern=_PATTERN)]
