"""The wall: each cell with what came of it, once all have been asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bench.wall.books import asked, booked, ledger, text_of
from bench.wall.cells import Cell, Situation
from bench.wall.faults import Address
from bench.wall.run import Seen, run
from bench.wall.stage import Stage
from bench.wall.stated import ANSWER, OTHERS, Outcome, stated, word_of
from tests.upstream import Exchange


class Stone(NamedTuple):
    """One cell. `amiss`: what else is not as it must be."""

    seen: Seen
    outcome: Outcome
    amiss: tuple[str, ...] = ()

    @property
    def cell(self) -> Cell:
        return self.seen.cell

    @property
    def is_as_stated(self) -> bool:
        return self.outcome == stated(self.cell) and not self.amiss


class Wall(NamedTuple):
    """`bytes_outside`: what the model's server outside had received when only cells that are pinned had been asked."""

    stones: tuple[Stone, ...]
    bytes_outside: int
    lines: tuple[str, ...]  # what the gateway printed


def build(stage: Stage, cells: Sequence[Cell]) -> Wall:
    pinned = [cell for cell in cells if cell.situation is Situation.PINNED]
    seen = run(stage, pinned)
    outside = stage.outside.journal.bytes_received + len(stage.outside.journal.visits)
    seen += run(stage, [cell for cell in cells if cell.situation is not Situation.PINNED])
    attempts, calls = ledger(stage, seen), asked(stage)
    raw = stage.outside.journal.raw
    stones = []
    for one in seen:
        rows, own = attempts[one.request_id], calls.get(one.cell.needle, ())
        outcome = Outcome(word_of(one), booked(one.cell, rows, own))
        stones.append(Stone(one, outcome, tuple(_amiss(one, outcome, len(rows), own, raw))))
    return Wall(tuple(stones), outside, tuple(stage.gateway.output.splitlines()))


def _amiss(seen: Seen, outcome: Outcome, attempts: int, calls: Sequence[Exchange], outside: bytes) -> list[str]:
    cell, found = seen.cell, []
    if cell.situation is Situation.PINNED and cell.needle.encode() in outside:
        found.append("it was sent outside")
    if cell.fault.address is Address.ANSWERS and attempts != len(calls):
        found.append(f"{len(calls)} calls were made, {attempts} are in the ledger")
    if outcome.word in (ANSWER, OTHERS) and seen.heard.text not in {
        text_of(call, name) for call in calls for name in ("local-model", "cloud-model")
    }:
        found.append(f"a wrong answer: {seen.heard.text!r}")
    if seen.quotes_upstream:
        found.append("it quotes the model's server")
    return found
