"""Message: what a life tells and asks the store in one call, and what it is answered. See `script.py`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from gateway.quota.amounts import joined, limbs_of
from gateway.quota.answer import Balance, Room
from gateway.quota.ask import Ask, Slice, Spend
from gateway.quota.life import KEPT_SECONDS, Own, newest

SAID: Final = 0  # answers of the script
STALE: Final = 1  # something later was heard already
LOST: Final = 2  # what was said before is not there any more

_encode = msgspec.msgpack.Encoder().encode


class Result(msgspec.Struct, array_like=True, frozen=True):
    """`which`: the take or the spend that has not enough left, counted from 1; 0: granted. `wait` in ms, -1: never."""

    which: int
    wait: int
    rooms: list[tuple[int, int, int]]
    balances: list[tuple[int, int, int, int, int]]
    sums: list[tuple[int, int]]  # of the slices of the spend that was refused


class Reply(msgspec.Struct, array_like=True, frozen=True):
    """`priors`: by key what the store has for slices of which this life has nothing yet. `slot`: of windows; of a
    message that was stale, the number it was behind. `dead`: how many lives, and of how many the ledger has the last
    word; `young`: whether somebody may not have told the store yet what he has. -1: nobody looked.
    """

    status: int
    slot: int
    alive: int
    dead: tuple[int, int]
    young: int
    priors: list[tuple[int, int, int]]
    unseeded: list[int]
    results: list[Result]


decode: Final = msgspec.msgpack.Decoder(Reply).decode


class Message:
    """Built up, then packed. Keys are told by their place in `keys`, from 1."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self.keys = [f"{prefix}store", f"{prefix}lives"]
        self.slices: dict[int, Slice] = {}
        self._index: dict[str, int] = {}
        self._owns: dict[int, tuple[int, ...]] = {}
        self._corrections: list[tuple[int, int, int]] = []
        self._counts: dict[int, tuple[int, int]] = {}
        self._asks: list[tuple[object, ...]] = []

    def own(self, of: Slice, own: Own | None) -> None:
        """What the life has in a slice; None: nothing that it knows of."""
        key = self._slice(of)
        until = int(of.until + KEPT_SECONDS)
        if own is None:
            self._owns[key] = (key, until, 0)
        else:
            self._owns[key] = (key, until, 1, *limbs_of(own.settled), *limbs_of(own.held))

    def correct(self, meter: str, slot: int, change: int) -> None:
        self._corrections.append((self._key("window:", meter), slot, change))

    def count(self, meter: str, count: int) -> None:
        key = self._key("places:", meter)
        self._counts[key] = (key, count)

    def ask(self, ask: Ask) -> None:
        takes = [
            (self._key("places:", take.meter), 1, take.limit, take.amount)
            if take.kind == "concurrent"
            else (self._key("window:", take.meter), 0, take.limit, take.amount)
            for take in ask.takes
        ]
        newest_of = {spend.slices[-1].name: spend.slices[-1] for spend in ask.spends}
        additions = [(self._slice(newest_of[name]), *limbs_of(amount)) for name, amount in newest(ask).items()]
        self._asks.append((takes, [self._spend(spend) for spend in ask.spends], additions))

    def look(self, spends: Iterable[Spend]) -> None:
        """Where they stand; nothing is taken."""
        self._asks.append(([], [self._spend(spend._replace(cap=None)) for spend in spends], []))

    def packed(self, life: str, number: int, acknowledged: int, *, beat: bool) -> bytes:
        head = (life, number, acknowledged, int(beat))
        owns, counts = list(self._owns.values()), list(self._counts.values())
        return _encode((*head, owns, self._corrections, counts, self._asks))

    def _spend(self, spend: Spend) -> tuple[object, ...]:
        keys = [self._slice(of) for of in spend.slices]
        return (keys, int(spend.cap is not None), *limbs_of(spend.cap or 0), *limbs_of(spend.amount))

    def _slice(self, of: Slice) -> int:
        key = self._key("slice:", of.name)
        self.slices[key] = of
        return key

    def _key(self, kind: str, name: str) -> int:
        name = f"{self._prefix}{kind}{name}"
        index = self._index.get(name)
        if index is None:
            self.keys.append(name)
            index = self._index[name] = len(self.keys)
        return index


def rooms_of(ask: Ask, result: Result) -> tuple[Room, ...]:
    return tuple(
        [
            Room(take.meter, take.kind, take.limit, left, more / 1000, clear / 1000)
            for take, (left, more, clear) in zip(ask.takes, result.rooms, strict=True)
        ]
    )


def balances_of(spends: Iterable[Spend], result: Result, wall: float) -> list[Balance | None]:
    """None where it is not known."""
    return [
        Balance(
            budget=spend.budget,
            period=spend.slices[-1],
            cap=spend.cap,
            spent=joined(spent, spent_low),
            held=joined(held, held_low),
            reset_in=max(0.0, spend.slices[0].until - wall),
        )
        if known
        else None
        for spend, (known, spent, spent_low, held, held_low) in zip(spends, result.balances, strict=True)
    ]


def filling(of: Slice, counts: Iterable[tuple[str, int]], unfinished: Iterable[str]) -> bytes:
    """What the ledger says of a slice, by life."""
    said = [(life, *limbs_of(count)) for life, count in counts]
    return _encode((int(of.until + KEPT_SECONDS), said, list(unfinished)))
