"""A worker that spends a budget as fast as it can: `python -m tests.gateway.quota.spender`, with what `run` wants.

What it holds and what that came to it writes into a file of its own in DIRECTORY, as a journal would: before the call,
and after it before the settlement. All these files together are the ledger. It ends when the budget is spent and
nobody holds anything of it any more.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from gateway.config.redis import Redis
from gateway.config.shape import settings_of
from gateway.quota.answer import Granted, Refused
from gateway.quota.ask import Ask, Slice, Spend, Whose
from gateway.quota.life import Life
from gateway.quota.protocol import Counts, Quota
from gateway.quota.redis import RedisQuota

START = float(int(time.time()) // 86_400 * 86_400)
TODAY = Slice("all:today", Whose(), START, START + 10 * 86_400, START + 10 * 86_400)
PATIENCE = 0.25  # many processes on few cores: some calls shall be late, and not all


class Line(NamedTuple):
    """`at` is when the attempt began; `cost` None: it was held, and is under way."""

    written: float
    at: float
    attempt: str
    held: int
    cost: int | None


def lines_of(file: Path) -> list[Line]:
    complete = file.read_text().rpartition("\n")[0]
    fields = [line.split() for line in complete.splitlines()]
    return [
        Line(float(written), float(at), attempt, int(held), None if cost == "-" else int(cost))
        for written, at, attempt, held, cost in fields
    ]


def ledger(directory: Path, end: float = float("inf")) -> dict[str, int]:
    """What each life has spent in attempts that began before `end`: where the cost is not known, what was held."""
    spent: dict[str, int] = {}
    for file in directory.glob("*.lines"):
        attempts: dict[str, int] = {}
        for line in lines_of(file):
            if line.at >= end:
                continue
            attempts[line.attempt] = line.held if line.cost is None else line.cost
        spent[file.stem] = sum(attempts.values())
    return spent


def highest(directory: Path) -> int:
    """The most that was spent and held at any moment, by all."""
    lines = sorted(line for file in directory.glob("*.lines") for line in lines_of(file))
    total = most = 0
    held: dict[str, int] = defaultdict(int)
    for line in lines:
        total += line.held if line.cost is None else line.cost - held.pop(line.attempt)
        if line.cost is None:
            held[line.attempt] = line.held
        most = max(most, total)
    return most


class Spender:
    def __init__(self, quota: Quota, identity: str, file: Path, cap: int, most: int, dice: random.Random) -> None:
        self._quota = quota
        self._identity = identity
        self._descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._cap = cap
        self._most = most
        self._dice = dice
        self._number = 0
        self._is_over = False

    async def spend(self) -> None:
        while not self._is_over:
            self._number += 1
            attempt = f"{self._identity}-{self._number}"
            amount = self._dice.randint(self._most // 2, self._most)
            ask = Ask(attempt, time.time(), (), (Spend("all", (TODAY,), self._cap, amount),))
            answer = await self._quota.hold(ask)
            if isinstance(answer, Granted):
                self._write(ask, amount, None)
                await asyncio.sleep(self._dice.random() * 0.01)  # the call
                cost = self._dice.randint(0, amount)
                self._write(ask, amount, cost)
                self._quota.settle(answer.held, cost)
            elif isinstance(answer, Refused):
                (balance,) = answer.standings.budgets
                self._is_over = not balance.held and balance.spent + self._most > self._cap
                await asyncio.sleep(0.005)
            else:
                self._quota.settle(answer.held, 0)
                await asyncio.sleep(0.05)

    def _write(self, ask: Ask, held: int, cost: int | None) -> None:
        line = f"{time.time()!r} {ask.at!r} {ask.id} {held} {'-' if cost is None else cost}\n"
        os.write(self._descriptor, line.encode())


async def run(directory: Path, url: str, cap: int, most: int, tasks: int, seed: int) -> None:
    identity = f"{seed}.{os.getpid()}"
    life = Life(identity, time.time(), time.monotonic)
    quota = RedisQuota(
        life,
        lambda of: Counts(ledger(directory, of.end)),
        settings_of(Redis, {"url": url, "timeout": 3 * PATIENCE}),
        wall=time.time,
        steady=time.monotonic,
        patience=PATIENCE,
    )
    spender = Spender(quota, identity, directory / f"{identity}.lines", cap, most, random.Random(seed))
    await asyncio.gather(*(spender.spend() for _ in range(tasks)))
    await quota.close()


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:7])))
