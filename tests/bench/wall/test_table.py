"""If these fail, docs/resilience-faults.md shows what was not seen."""

from __future__ import annotations

from bench.wall.cells import Cell, Situation
from bench.wall.faults import FAULTS
from bench.wall.run import Seen
from bench.wall.stated import ANSWER, EXACT, NOTHING, OTHERS, PART, SO_FAR, UNKNOWN, Outcome, stated, word_of
from bench.wall.table import page
from bench.wall.wall import Stone, Wall
from tests.harness.dialects import DIALECTS, Heard

SLOW = next(fault for fault in FAULTS if fault.name == "slow")
CUT = next(fault for fault in FAULTS if fault.name == "cut by FIN")
WHOLE = Heard("an answer", ended=True)


def seen(heard: Heard = WHOLE, status: int = 200, *, broken: bool = False, deployment: str = "at-fault-0") -> Seen:
    headers = {"x-tidegate-deployment": deployment}
    return Seen(Cell(0, SLOW, DIALECTS[0], False, Situation.ALONE), status, headers, heard, broken=broken)


def stones(*, odd: Outcome | None = None) -> tuple[Stone, ...]:
    """A slow server in every dialect; `odd` came of the last one, whole."""
    found: list[Stone] = []
    for streamed in (True, False):
        for dialect in DIALECTS:
            cell = Cell(len(found), SLOW, dialect, streamed, Situation.ALONE)
            found.append(Stone(Seen(cell, 200, {}, WHOLE), stated(cell)))
    return (*found[:-1], found[-1]._replace(outcome=odd)) if odd else tuple(found)


def test_what_is_the_same_for_all_is_one_row() -> None:
    text = page(Wall(stones(), 0, ()))
    assert "| slow | free, no other | either way | the answer | exact |" in text
    assert "12 requests, 0 of them not as stated." in text


def test_who_differs_is_named() -> None:
    text = page(Wall(stones(odd=Outcome("502", (EXACT,))), 0, ()))
    assert "| slow | free, no other | streamed | the answer | exact |" in text
    assert "| slow | free, no other | whole | 502 (Ollama generate) | exact |" in text
    assert "12 requests, 1 of them not as stated." in text


def test_half_an_answer_is_none() -> None:
    assert word_of(seen()) == ANSWER
    assert word_of(seen(deployment="small")) == OTHERS
    assert word_of(seen(Heard("an ans", ended=False))) == "200, cut without a word"
    assert word_of(seen(Heard("an ans", ended=False, error="cut"))) == PART
    assert word_of(seen(Heard("", ended=False, error="cut"))) == "200, cut without a word"
    assert word_of(seen(broken=True)) == "200, broken off"
    assert word_of(seen(Heard("", ended=False), status=500)) == "500, mute"
    assert word_of(seen(status=0)) == "no reply"


def test_only_what_costs_nothing_is_tried_again_outside() -> None:
    reset = next(fault for fault in FAULTS if fault.name == "reset")
    refused = next(fault for fault in FAULTS if fault.name == "refused")
    booked = {
        (fault.name, situation): stated(Cell(0, fault, DIALECTS[0], False, situation)).booked
        for fault in (reset, refused)
        for situation in (Situation.PINNED, Situation.ALONE)
    }
    assert booked == {
        ("reset", Situation.PINNED): (UNKNOWN, UNKNOWN),
        ("reset", Situation.ALONE): (UNKNOWN,),
        ("refused", Situation.PINNED): (NOTHING, NOTHING),
        ("refused", Situation.ALONE): (NOTHING, NOTHING),
    }


def test_once_a_part_is_out_nobody_else_is_asked() -> None:
    for situation in Situation:
        assert stated(Cell(0, CUT, DIALECTS[0], True, situation)) == Outcome(PART, (SO_FAR,))
