"""Clearance: how far a request's content may travel.

A lattice. Joining two clearances takes the stricter one, so no source can widen what another narrowed.
Written `local`, `any`, `eu+local`, `masked` or `masked:eu+local`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

LOCAL_ZONE: Final = "local"
_ZONE: Final = re.compile(r"[a-z][a-z0-9-]{0,31}\Z")
_RESERVED: Final = frozenset({"any", "masked", "none"})


def is_zone_name(name: str) -> bool:
    """Lower-case letters, digits and hyphens; `any`, `masked` and `none` are words of the notation."""
    return _ZONE.match(name) is not None and name not in _RESERVED


@dataclass(frozen=True, slots=True)
class Clearance:
    """The zones in which the content may be seen (`None`: any), and whether outside `local` only masked."""

    zones: frozenset[str] | None = None
    masked: bool = False

    def join(self, other: Clearance) -> Clearance:
        """The stricter of both: zones intersect, masks add up."""
        if other.is_any:
            return self
        if self.zones is None:
            zones = other.zones
        elif other.zones is None:
            zones = self.zones
        else:
            zones = self.zones & other.zones
        return Clearance(zones, self.masked or other.masked)

    def permits(self, zone: str, *, masked: bool = False) -> bool:
        """Whether content of this clearance may be shown in `zone`; `masked` says it goes there masked."""
        if self.zones is not None and zone not in self.zones:
            return False
        return zone == LOCAL_ZONE or masked or not self.masked

    @property
    def is_any(self) -> bool:
        """Nothing is forbidden."""
        return self.zones is None and not self.masked

    @property
    def is_nowhere(self) -> bool:
        """Nobody may see the content, not even `local`."""
        return self.zones is not None and not self.zones

    @property
    def is_local(self) -> bool:
        """Nothing but `local` (or nothing at all) may see the content."""
        return self.zones is not None and self.zones <= {LOCAL_ZONE}

    @classmethod
    def parse(cls, text: str) -> Self:
        """The inverse of `str`. Raises `ValueError` for anything that is not a clearance."""
        masked = text == "masked" or text.startswith("masked:")
        rest = "any" if text == "masked" else text.removeprefix("masked:")
        if rest == "any":
            return cls(None, masked)
        if rest == "none":
            return cls(frozenset(), masked)
        names = rest.split("+")
        for name in names:
            if not is_zone_name(name):
                raise ValueError(f"'{text}' is not a clearance: write local, any, eu+local, masked or masked:eu+local")
        return cls(frozenset(names), masked)

    def __str__(self) -> str:
        if self.zones is None:
            return "masked" if self.masked else "any"
        zones = "+".join(sorted(self.zones)) or "none"
        return f"masked:{zones}" if self.masked else zones


ANY: Final = Clearance()
LOCAL: Final = Clearance(frozenset({LOCAL_ZONE}))
NOWHERE: Final = Clearance(frozenset())
