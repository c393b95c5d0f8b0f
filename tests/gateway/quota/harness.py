"""What the contract needs to know of each quota: how its time passes, what the ledger has, and who else is there."""

from __future__ import annotations

import asyncio
import time
from typing import Final, Protocol

from gateway.config.redis import Redis
from gateway.config.shape import settings_of
from gateway.quota.answer import Balance, Granted, Standings
from gateway.quota.ask import Ask, Held, Kind, Slice, Spend, Take, Whose
from gateway.quota.life import Life
from gateway.quota.memory import MemoryQuota
from gateway.quota.protocol import Counts, Quota
from gateway.quota.redis import RedisQuota
from gateway.quota.window import SLOT_SECONDS
from tests.gateway.stores.harness import HandClock
from tests.servers.valkey import Served

DAY: Final = 86_400.0
NOON: Final = 1_800_000_000.0 + DAY / 2  # of some day, in seconds since the epoch
ME: Final = "1.4711.house.1800000000000"


class Loop(asyncio.SelectorEventLoop):
    """Its time can be put forward."""

    ahead = 0.0

    def time(self) -> float:
        return super().time() + self.ahead


class Ledger:
    """What the ledger has of each slice; `before`: of one that ends when a worker first held something of it.

    `away`: it cannot be asked. `asked` are the slices it was asked about.
    """

    def __init__(self) -> None:
        self.counts: dict[str, dict[str, int]] = {}
        self.before: dict[str, dict[str, int]] = {}
        self.unfinished: frozenset[str] = frozenset()
        self.away = False
        self.asked: list[Slice] = []

    def __call__(self, of: Slice) -> Counts | None:
        self.asked.append(of)
        counts = self.counts if of.end - of.start == DAY else self.before
        return None if self.away else Counts(dict(counts.get(of.name, {})), self.unfinished)


class Harness(Protocol):
    quota: Quota
    ledger: Ledger
    wall: HandClock
    faults: list[str]

    def elapse(self, seconds: float, *held: Held) -> list[Held]:
        """Time passes: for windows in whole slots. What is held, as it is then."""

    async def close(self) -> None: ...


class InMemory:
    def __init__(self, life: str = ME, *, ledger: Ledger | None = None, born: float = NOON) -> None:
        self._steady, self.wall = HandClock(), HandClock()
        self.wall.now = born
        self.ledger = ledger or Ledger()
        self.faults: list[str] = []
        self.life = Life(life, born, self._steady)
        self.quota: Quota = MemoryQuota(self.life, self.ledger, self.wall)

    def elapse(self, seconds: float, *held: Held) -> list[Held]:
        self._steady.now += seconds
        self.wall.now += seconds
        return list(held)

    async def close(self) -> None:
        await self.quota.close()


class InRedis:
    """Its server has been up for so long that nobody is waited for any more; unless it `is_young`."""

    def __init__(
        self,
        server: Served,
        life: str = ME,
        *,
        ledger: Ledger | None = None,
        patience: float = 30,
        timeout: float = 30,
        is_young: bool = False,
        born: float = NOON,
    ) -> None:
        self._server = server
        self.told: list[Balance] = []
        self.wall = HandClock()
        self.wall.now = born
        self.ledger = ledger or Ledger()
        self.faults: list[str] = []
        self.life = Life(life, born, time.monotonic)
        if not is_young:
            grown_up(server)
        self._patience = patience
        self._timeout = timeout
        self._quota = self.next()
        self.quota: Quota = self._quota

    def next(self) -> RedisQuota:
        """The quota of another configuration, for the same life."""
        return RedisQuota(
            self.life,
            self.ledger,
            settings_of(Redis, {**self._server.settings, "timeout": self._timeout}),
            wall=self.wall,
            steady=time.monotonic,
            told=self.told.append,
            on_fault=self.faults.append,
            patience=self._patience,
        )

    @property
    def lives(self) -> int:
        return self._quota._courier.lives

    @property
    def is_late(self) -> bool:
        return self._quota._courier.is_late

    @property
    def is_away(self) -> bool:
        return self._quota._courier.is_away

    @property
    def is_young(self) -> bool:
        return self._quota._courier.is_young

    @property
    def is_under_way(self) -> bool:
        """Whether all that is asked has been sent, and not answered."""
        courier = self._quota._courier
        return courier._task is not None and not courier._task.done() and not courier._waiting

    @property
    def is_looking_up(self) -> bool:
        """Whether the ledger is asked, or what it said is written down."""
        task = self._quota._seeding._task
        return task is not None and not task.done()

    async def kill(self) -> None:
        """It tells nobody anything any more."""
        courier = self._quota._courier
        courier.is_closed = True
        courier._beat_in(None)
        if courier._task is not None:
            courier._task.cancel()
            await asyncio.wait((courier._task,))
        await self._quota._seeding.close()
        await self._quota._link.close()

    async def fill(self, of: Slice) -> None:
        """It is time to look up a slice again."""
        await self._quota._fill(of)

    def elapse(self, seconds: float, *held: Held) -> list[Held]:
        """What was taken is put back in time."""
        self.wall.now += seconds
        passed = int(seconds / SLOT_SECONDS)
        with self._server.client("{quota}") as client:
            for key in client.scan_iter("tidegate:{quota}:window:*"):
                slots = client.hgetall(key)
                client.delete(key)
                moved = {int(slot) - passed: amount for slot, amount in slots.items()}
                client.hset(key, mapping=moved)
        return [one._replace(slot=one.slot - passed) for one in held]

    async def close(self) -> None:
        await self.quota.close()


def grown_up(server: Served) -> None:
    """As if everybody had had the time to tell it what they have."""
    with server.client("{quota}") as client:
        client.hset("tidegate:{quota}:store", mapping={"run": client.info("server")["run_id"], "born": "1"})


class Asks:
    """Makes asks, each with an id of its own."""

    def __init__(self, wall: HandClock) -> None:
        self._wall = wall
        self._number = 0

    def of(self, *parts: Take | Spend) -> Ask:
        self._number += 1
        takes = tuple(part for part in parts if isinstance(part, Take))
        spends = tuple(part for part in parts if isinstance(part, Spend))
        return Ask(f"attempt{self._number}", self._wall.now, takes, spends)


def take(amount: int, limit: int, kind: Kind = "tokens", whose: str = "key:alice") -> Take:
    return Take(f"{whose}:{kind}", kind, limit, amount)


def day(number: int = 0, whose: str = "alice", days: int = 1) -> Slice:
    """The day `number` days after the one of `NOON`; of a budget of so many days."""
    start = NOON - DAY / 2 + number * DAY
    return Slice(f"key:{whose}:{number}", Whose(key=whose), start, start + DAY, start + days * DAY)


def spend(amount: int, cap: int | None, *slices: Slice, budget: str = "alices") -> Spend:
    return Spend(budget, slices or (day(),), cap, amount)


async def granted(quota: Quota, ask: Ask) -> tuple[Held, Standings]:
    answer = await quota.hold(ask)
    assert isinstance(answer, Granted), answer
    return answer.held, answer.standings
