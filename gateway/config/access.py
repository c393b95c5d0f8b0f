"""Settings of access: what a key's holder may do besides asking models."""

from __future__ import annotations

from typing import Final, Literal

Role = Literal["caller", "viewer", "auditor", "admin"]
RANKS: Final[dict[str, int]] = {"caller": 0, "viewer": 1, "auditor": 2, "admin": 3}
"""Of roles: each may see what those below it may."""
CALLING: Final = frozenset({"caller", "admin"})
"""The roles that may ask models."""
