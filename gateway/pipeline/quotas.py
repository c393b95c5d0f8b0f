"""Quotas: where this worker's limits and budgets are counted, whatever configuration is in force.

quotas = Quotas(state_directory / "journal", journal.identity, wall=…, steady=…, told=…, on_fault=…)
quota = quotas.of(loaded)             # for each generation; the same one where nothing about it has changed
await quotas.let_go(quota, in_use)    # of a generation that was retired; `in_use` are those of the others
await quotas.close()                  # before the journal is closed
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Collection
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from gateway.accounting.journals import Journals, worker_of
from gateway.config.loaded import Loaded
from gateway.config.settings import Settings
from gateway.quota.amounts import quanta_of
from gateway.quota.ask import Slice
from gateway.quota.life import Life
from gateway.quota.memory import MemoryQuota
from gateway.quota.protocol import Counts, Quota, Told, untold
from gateway.quota.redis import RedisQuota
from gateway.stores.link import uncounted

if TYPE_CHECKING:
    from gateway.accounting.ledger import Ledger
    from gateway.accounting.owners import Kind

_KINDS: Final[tuple[Kind, ...]] = ("key", "team", "route", "tag")
_LOG: Final = logging.getLogger(__name__)


_FRESH_SECONDS: Final = 2.0  # the drain is behind by as much
_FRESH_SHARE: Final = 10  # what took long is good for longer: a tenth of the time at most is spent on looking it up


class _Found(NamedTuple):
    """Good `until` then, or the end of a worker that was `unfinished`: its last lines came after this."""

    until: float
    unfinished: frozenset[str]
    spent: dict[str, dict[str, Decimal]]

    def is_good(self, now: float, unfinished: frozenset[str]) -> bool:
        return now < self.until and self.unfinished <= unfinished


class LedgerSeed:
    """A `Seed`: what the ledger has of a slice. Its libraries are loaded when it is first asked or warmed up.

    Who spends what is looked up for all keys, teams, routes or tags at once: after a restart many are asked about.
    """

    def __init__(self, url: str, journals: Journals, steady: Callable[[], float]) -> None:
        self._url = url
        self._journals = journals
        self._steady = steady
        self._found: dict[tuple[str, float, float], _Found] = {}
        self._ledger: Ledger | None = None
        self._opening = threading.Lock()
        self._is_away = False

    def __call__(self, of: Slice) -> Counts | None:
        """None while the ledger is away, or lacks what a worker of this machine that ended wrote down."""
        from gateway.accounting.ledger import LedgerUnavailable

        try:
            ledger = self._open()
            unfinished = frozenset(map(worker_of, ledger.positions()))  # asked first: what ends meanwhile, later
            if self._journals.dead():
                return None
            spent = self._spent(ledger, of, unfinished)
        except (LedgerUnavailable, OSError) as error:
            if not self._is_away:
                _LOG.warning("what was spent before is not known, as the ledger cannot be asked: %s", error)
            self._is_away = True
            return None
        self._is_away = False
        return Counts({worker: quanta_of(amount) for worker, amount in spent.items()}, unfinished)

    def warm_up(self) -> None:
        """So that the first request with a budget need not wait for libraries."""
        from gateway.accounting.ledger import LedgerUnavailable

        try:
            self._open()
        except LedgerUnavailable:
            _LOG.debug("the ledger cannot be opened yet")

    def close(self) -> None:
        if self._ledger is not None:
            self._ledger.close()
            self._ledger = None

    def _spent(self, ledger: Ledger, of: Slice, unfinished: frozenset[str]) -> dict[str, Decimal]:
        from gateway.accounting.owners import spent_by_owner
        from gateway.accounting.spent import Whose, spent_by_worker

        owners = [(kind, owner) for kind in _KINDS if (owner := getattr(of.whose, kind)) is not None]
        if len(owners) != 1:
            return spent_by_worker(ledger, Whose(*of.whose), of.start, of.end)
        (kind, owner), now = owners[0], self._steady()
        self._found = {asked: found for asked, found in self._found.items() if found.is_good(now, unfinished)}
        found = self._found.get((kind, of.start, of.end))
        if found is None:
            spent = spent_by_owner(ledger, kind, of.start, of.end)
            done = self._steady()
            found = _Found(done + max(_FRESH_SECONDS, _FRESH_SHARE * (done - now)), unfinished, spent)
            self._found[kind, of.start, of.end] = found
        return found.spent.get(owner, {})

    def _open(self) -> Ledger:
        from gateway.accounting.ledger import Ledger

        with self._opening:
            if self._ledger is None:
                self._ledger = Ledger.open(self._url)
            return self._ledger


class Quotas:
    """Of one worker and one event loop. What it has spent itself goes from each quota to the next.

    `identity` is the journal's, in the directory `journals`. `wall` gives seconds since the epoch, `steady` never goes
    back; `told` hears where budgets stand, `on_fault` the kind of every fault of Redis.
    """

    def __init__(
        self,
        journals: Path,
        identity: str,
        *,
        wall: Callable[[], float],
        steady: Callable[[], float],
        told: Told = untold,
        on_fault: Callable[[str], None] = uncounted,
    ) -> None:
        self._journals = Journals(journals)
        self._life = Life(identity, wall(), steady)
        self._wall = wall
        self._steady = steady
        self._told = told
        self._on_fault = on_fault
        self._current: tuple[object, Quota] | None = None
        self._open: dict[int, tuple[Quota, LedgerSeed]] = {}  # by the quota's identity

    def of(self, loaded: Loaded) -> Quota:
        wanted = (loaded.settings.redis, loaded.ledger_url)
        if self._current is None or self._current[0] != wanted:
            self._current = (wanted, self._made(loaded))
        quota = self._current[1]
        if _is_wanted(loaded.settings):
            self._begin(quota, has_budgets=bool(loaded.settings.budgets))
        return quota

    async def let_go(self, quota: Quota, in_use: Collection[Quota]) -> None:
        """Closes it unless somebody uses it, or will."""
        if any(used is quota for used in in_use) or (self._current is not None and self._current[1] is quota):
            return
        await self._close(quota)

    async def close(self) -> None:
        self._current = None
        for quota, _ in list(self._open.values()):
            await self._close(quota)

    async def _close(self, quota: Quota) -> None:
        kept = self._open.pop(id(quota), None)
        if kept is not None:
            await quota.close()
            await asyncio.to_thread(kept[1].close)

    def _made(self, loaded: Loaded) -> Quota:
        seed = LedgerSeed(loaded.ledger_url, self._journals, self._steady)
        redis = loaded.settings.redis
        quota: Quota
        if redis.is_there:
            quota = RedisQuota(
                self._life,
                seed,
                redis,
                wall=self._wall,
                steady=self._steady,
                told=self._told,
                on_fault=self._on_fault,
            )
        else:
            quota = MemoryQuota(self._life, seed, self._wall, self._told)
        self._open[id(quota)] = (quota, seed)
        return quota

    def _begin(self, quota: Quota, *, has_budgets: bool) -> None:
        """Before the first request, where it is clear that there will be something to count."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # built, and not served with
            return
        if has_budgets:
            loop.run_in_executor(None, self._open[id(quota)][1].warm_up)
        if isinstance(quota, RedisQuota):
            quota.begin()


def _is_wanted(settings: Settings) -> bool:
    """Keys that are made at run time may bring more; the first request that asks begins it as well."""
    limits = [key.limits for key in settings.keys]
    limits += [team.limits for team in settings.teams.values()]
    limits += [route.limits for route in settings.routes.values()]
    return bool(settings.budgets) or any(limits)
