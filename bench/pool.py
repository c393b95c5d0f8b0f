"""Pool: what balancing, a fair queue and affinity change, on servers that are played in a time of their own.

    python -m bench.pool [--requests 4000]

The rooms, the order and the sessions are the gateway's; what is played is how long servers take. Waits and answers are
in seconds of that time, so neither this machine nor its load is in the numbers.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import selectors
from collections import OrderedDict
from collections.abc import Coroutine
from statistics import quantiles
from typing import Any, Final, TypeVar

from gateway.config.pooling import Balance
from gateway.egress.ordering import Standing, arranged
from gateway.egress.room import Room, Terms, Waited
from gateway.egress.sessions import Sessions, home_of

_T = TypeVar("_T")
SECONDS: Final = 2.0  # that an answer takes, on average
TURNS: Final = 8  # of a conversation
KEEPS: Final = 120  # conversations whose prompt a server has at hand


class _Jump(selectors.DefaultSelector):
    """Where a loop would wait, time goes on instead."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.now += max(timeout or 0.0, 0.0)
        return super().select(0)


def played(work: Coroutine[Any, Any, _T]) -> _T:
    selector = _Jump()
    loop = asyncio.SelectorEventLoop(selector)
    loop.time = lambda: selector.now  # type: ignore[method-assign]
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()


class _Unheard:
    def room(self, deployment: str, seats: int, taken: int, waiting: int, estimate: float) -> None: ...

    def waited(self, deployment: str, result: Waited, seconds: float) -> None: ...


def _room(name: str, seats: int | None) -> Room:
    room = Room(name, asyncio.get_running_loop().time, _Unheard())
    room.furnish(Terms(seats, 100_000, 3600.0))
    return room


async def fairness(requests: int, *, fair: bool) -> list[float]:
    """How long the requests of a quiet key wait for one of four seats, beside a key that asks 60 at a time."""
    loop, chance, room = asyncio.get_running_loop(), random.Random(1), _room("gpu", 4)
    waits: list[float] = []

    async def ask(key: str) -> None:
        since = loop.time()
        await room.wait(key if fair else "everybody")
        if key == "quiet":
            waits.append(loop.time() - since)
        seconds = chance.expovariate(1 / SECONDS)
        await asyncio.sleep(seconds)
        room.leave(seconds)

    async def client(key: str, pause: float) -> None:
        while len(waits) < requests // 20:
            await ask(key)
            await asyncio.sleep(chance.expovariate(1 / pause))

    await asyncio.gather(client("quiet", 5.0), *(client("noisy", 0.01) for _ in range(60)))
    return waits


async def balancing(requests: int, balance: Balance, slow: float = 1 / 3) -> list[float]:
    """How long answers take from four servers of four seats, one a third as fast, at 70 % of what they can do.

    `slow`: the weight of that one beside those of the others.
    """
    loop, chance = asyncio.get_running_loop(), random.Random(2)
    speeds = {"a": 1.0, "b": 1.0, "c": 1.0, "d": 1 / 3}
    rooms = {name: _room(name, None) for name in speeds}
    seats = {name: asyncio.Semaphore(4) for name in speeds}
    took: list[float] = []

    async def ask() -> None:
        standings = [
            Standing(name, "small", weight=round(3 * slow) if name == "d" else 3, busy=room.busy)
            for name, room in rooms.items()
        ]
        name = arranged(standings, balance, chance.random)[0].name
        since = loop.time()
        rooms[name].sit()
        async with seats[name]:
            await asyncio.sleep(chance.expovariate(1 / SECONDS) / speeds[name])
        rooms[name].leave()
        took.append(loop.time() - since)

    tasks = []
    rate = 0.7 * 4 * sum(speeds.values()) / SECONDS
    for _ in range(requests):
        tasks.append(asyncio.create_task(ask()))
        await asyncio.sleep(chance.expovariate(rate))
    await asyncio.gather(*tasks)
    return took


async def affinity(requests: int, *, stays: bool) -> tuple[float, float]:
    """Conversations on four servers, each of which has the last ones at hand: the share of prompt tokens that need not
    be read again, and how much more than an equal part the busiest server had."""
    chance, sessions = random.Random(3), Sessions(b"bench", asyncio.get_running_loop().time)
    kept: dict[str, OrderedDict[bytes, int]] = {name: OrderedDict() for name in "abcd"}
    asked = dict.fromkeys(kept, 0)
    busy = dict.fromkeys(kept, 0.0)
    read = cached = 0
    talks = [(number.to_bytes(16), turn) for number in range(requests // TURNS) for turn in range(TURNS)]
    talks.sort(key=lambda talk: (int.from_bytes(talk[0]) // 200, talk[1], chance.random()))  # 200 at a time
    for session, turn in talks:
        for name in busy:
            busy[name] *= 0.9
        standings = [Standing(name, "small", busy=busy[name]) for name in kept]
        known = sessions.kept(session)
        favourite = known.deployment if known else home_of(session, [(name, 1) for name in kept])
        name = arranged(standings, "least-busy", chance.random, favourite if stays else "")[0].name
        tokens = 1000 + 300 * turn
        read += tokens
        cached += min(kept[name].pop(session, 0), tokens)
        kept[name][session] = tokens
        if len(kept[name]) > KEEPS:
            kept[name].popitem(last=False)
        sessions.keep(session, name, tokens, 100)
        asked[name] += 1
        busy[name] += 1.0
    return cached / read, max(asked.values()) * len(asked) / len(talks) - 1


def _said(values: list[float]) -> str:
    cuts = quantiles(values, n=100)
    return f"median {cuts[49]:6.2f}   95 % {cuts[94]:6.2f}   99 % {cuts[98]:6.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.pool", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--requests", type=int, default=4000)
    requests = parser.parse_args().requests
    print(f"a quiet key's wait for one of 4 seats beside 60 requests of another; an answer takes {SECONDS:g} s")
    print(f"  first come first served  {_said(played(fairness(requests, fair=False)))}")
    print(f"  keys take turns          {_said(played(fairness(requests, fair=True)))}")
    print("an answer from 4 servers of which one is a third as fast, at 70 % load")
    print(f"  weighted, all alike      {_said(played(balancing(requests, 'weighted', slow=1)))}")
    print(f"  weighted 3 to 1          {_said(played(balancing(requests, 'weighted')))}")
    print(f"  least-busy, all alike    {_said(played(balancing(requests, 'least-busy', slow=1)))}")
    print(f"  least-busy 3 to 1        {_said(played(balancing(requests, 'least-busy')))}")
    print(f"prompt tokens that need not be read again, {TURNS} turns, 200 conversations at a time on 4 servers")
    for name, stays in (("least-busy", False), ("with affinity", True)):
        share, uneven = played(affinity(requests, stays=stays))
        print(f"  {name:<24} {share:6.1%}   the busiest server has {uneven:+.1%}")


if __name__ == "__main__":
    main()
