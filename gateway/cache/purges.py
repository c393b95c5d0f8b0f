"""Purges: answers that are not to be given again, by route, key, team or tag, or all. Nothing is looked for in a store.

A purge begins an era for a name. An entry says which names are its own and which era it knew; where one of its names
has a later era, it is a miss. Answers that were under way when the purge came are older than it, and go too.

Redis is asked twice a second what is new. Who has not heard for two seconds gives nothing again until it has.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Literal

from gateway.config.cacheplans import CachePlan
from gateway.stores.eras import EVERYTHING, LATEST, Eras
from gateway.stores.link import StoreFault

Kind = Literal["route", "key", "team", "tag"]
SECONDS: Final = 0.4  # between two questions: four of them may fail before nothing is given again
CURRENT_SECONDS: Final = 2.0  # so a purge is in force everywhere by then
_LONGEST_ANSWER: Final = 2 * 86_400  # seconds; an answer may take a day, and be kept after a purge that it began before


def name_of(kind: Kind, name: str) -> str:
    return f"{kind}:{name}"


def names_of(route: str, key: str, team: str | None, tags: Iterable[str]) -> tuple[str, ...]:
    """All that an answer can be purged by."""
    names = [name_of("route", route), name_of("key", key)]
    if team is not None:
        names.append(name_of("team", team))
    names += [name_of("tag", tag) for tag in tags]
    return tuple(names)


def longest_kept(plans: Iterable[CachePlan]) -> int:
    """Seconds from a purge until nothing can be there any more that it concerns."""
    return max((plan.ttl + plan.stale for plan in plans), default=0) + _LONGEST_ANSWER


class Purges:
    """Of one event loop. `clock` gives seconds and never goes back."""

    def __init__(self, eras: Eras, clock: Callable[[], float]) -> None:
        self._eras = eras
        self._clock = clock
        self._keep = _LONGEST_ANSWER
        self._known: dict[str, int] = {}
        self._heard: float | None = None
        self._following: asyncio.Task[None] | None = None
        self.era = 0

    def keep_for(self, seconds: int) -> None:
        """For how long a purge may concern something: see `longest_kept`."""
        self._keep = max(self._keep, seconds)

    @property
    def is_current(self) -> bool:
        """Whether all that was purged until two seconds ago is known here."""
        if not self._eras.shared:
            return True
        return self._heard is not None and self._clock() - self._heard <= CURRENT_SECONDS

    @property
    def known(self) -> dict[str, int]:
        """The eras of what was purged, by name."""
        return {name: era for name, era in self._known.items() if name != LATEST}

    def concern(self, era: int, names: Sequence[str]) -> bool:
        """Whether an entry of that era and these names was purged."""
        if era >= self.era:  # as long as nothing was ever purged, 0 and 0
            return False
        known = self._known
        return known.get(EVERYTHING, 0) > era or any(known.get(name, 0) > era for name in names)

    async def purge(self, names: Sequence[str]) -> int:
        """The era that begins. In force here afterwards. Raises `StoreFault` where the store cannot be asked."""
        era = await self._eras.begin(names, self._keep)
        await self._learn(await self._eras.known())
        return era

    async def refresh(self) -> None:
        """What was purged until now is known afterwards. Raises `StoreFault`."""
        asked = self._clock()
        latest = await self._eras.latest()
        if latest < self.era:  # the store was emptied, or is another
            await self._eras.remind(self._known)
        elif latest > self.era:
            await self._learn(await self._eras.known())
        self._heard = asked

    def start(self) -> None:
        """Follows what others purge. Twice is harmless."""
        if self._following is None and self._eras.shared:
            self._following = asyncio.get_running_loop().create_task(self._follow())

    async def close(self) -> None:
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)

    async def _learn(self, told: Mapping[str, int]) -> None:
        """The store is told what it does not know."""
        known, _ = self._joined(told)
        if known != told:
            await self._eras.remind(known)
        self._known, self.era = self._joined(told)  # more may have been learned meanwhile

    def _joined(self, told: Mapping[str, int]) -> tuple[dict[str, int], int]:
        """All that is told, and what was known before and may still concern an entry; and the latest era."""
        latest = max(self.era, told.get(LATEST, 0))
        known = dict(told)
        for name, era in self._known.items():
            if era > max(known.get(name, 0), known.get(EVERYTHING, 0)) and era >= latest - self._keep * 1000:
                known[name] = era
        return known, latest

    async def _follow(self) -> None:
        while True:
            with contextlib.suppress(StoreFault):  # the link has said so, and counted it
                await self.refresh()
            await asyncio.sleep(SECONDS)
