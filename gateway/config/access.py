"""Settings of access: what a key's holder may do besides asking models, and what stored keys are hashed with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from gateway.config.kinds import Secret
from gateway.config.strict import Strict

Role = Literal["caller", "viewer", "auditor", "admin"]
RANKS: Final[dict[str, int]] = {"caller": 0, "viewer": 1, "auditor": 2, "admin": 3}
"""Of roles: each may see what those below it may."""
CALLING: Final = frozenset({"caller", "admin"})
"""The roles that may ask models."""
KeyPriority = Literal["high", "normal", "low"]
_UNSET: Final = Secret("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Access(Strict):
    """Keys and teams that are made while the gateway runs: `tidegate keys`, or the administration API.

    Kept in PostgreSQL where the ledger is there, else in `access.db` in the state directory.
    """

    secret: Secret = _UNSET
    """What such keys are hashed with; take it from the environment. Empty: one is made and kept in the state directory,
    which is right for one machine. Replicas that share a PostgreSQL need the same. With another one, no stored key is
    good until it is rotated."""
