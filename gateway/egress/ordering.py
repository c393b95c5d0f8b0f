"""Ordering: which of several deployments of one class is asked first. Pure: load, draws and favourites are handed in.

The decision's order of classes stays, and those that are down stay behind. Only neighbours of the same place change
places.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Final, NamedTuple

from gateway.config.pooling import Balance

_MUCH_BUSIER: Final = 2.0  # times as busy as the least busy one, which is what a kept prompt is worth waiting for
_AND_MORE: Final = 2.0  # requests, so that one or two more are never much


class Standing(NamedTuple):
    """A candidate at one moment. `place`: its class, and whether it is up. `busy`: requests under way there, of
    everybody that is known of. `wait`: seconds until it has room for one more; 0: at once; infinite: its queue is full.
    """

    name: str
    place: Hashable
    priority: int = 0  # lower ones first
    weight: int = 1
    busy: float = 0.0
    wait: float = 0.0
    is_cold: bool = False  # its model is not loaded

    @property
    def load(self) -> float:
        """With one more, for its weight."""
        return (self.busy + 1.0) / self.weight


def groups(candidates: Iterable[Standing]) -> list[list[Standing]]:
    """Neighbours of the same place."""
    found: list[list[Standing]] = []
    for candidate in candidates:
        if found and found[-1][0].place == candidate.place:
            found[-1].append(candidate)
        else:
            found.append([candidate])
    return found


def arranged(
    group: Sequence[Standing], balance: Balance, draw: Callable[[], float], favourite: str = ""
) -> list[Standing]:
    """Those with room before those without, and these by how long it takes; then by priority. Among equals: as listed,
    or warm before cold, and then by lot (`draw` gives 0 to below 1) or by load.

    The favourite goes first, unless it has no room where another has, or is much busier than another.
    """
    if len(group) < 2:
        return list(group)
    ordered = sorted(group, key=lambda one: (one.wait, one.priority, *_among_equals(one, balance, draw)))
    first = ordered[0]
    if favourite and first.name != favourite:
        for place, one in enumerate(ordered):
            if one.name == favourite and _may_go_first(one, first, group):
                ordered.insert(0, ordered.pop(place))
                break
    return ordered


def _among_equals(one: Standing, balance: Balance, draw: Callable[[], float]) -> tuple[float, ...]:
    if balance == "order":
        return ()  # a sort is stable
    if balance == "weighted":  # an exponential race: each is first as often as its weight says
        return (one.is_cold, -math.log(1.0 - draw()) / one.weight)
    return (one.is_cold, one.load, draw())


def _may_go_first(favourite: Standing, first: Standing, group: Sequence[Standing]) -> bool:
    if favourite.wait > first.wait:
        return False
    least = min(one.load for one in group)
    return favourite.load <= _MUCH_BUSIER * least + _AND_MORE / favourite.weight
