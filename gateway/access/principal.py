"""The principal: who is asking, and how far anything they ask may travel."""

from __future__ import annotations

from dataclasses import dataclass

from router.clearance import Clearance


@dataclass(frozen=True, slots=True)
class Principal:
    """The holder of a key. `name` and `team` are safe in logs and metrics; the key itself is nowhere in here."""

    name: str
    team: str | None
    routes: frozenset[str] | None  # None: all
    clearance: Clearance
    has_key: bool = True  # False: served without one, see `anonymous.py`

    def may_use(self, route: str) -> bool:
        """Whether the key is good for this route."""
        return self.routes is None or route in self.routes
