"""The wall as the tables of docs/resilience-faults.md."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from bench.page import put
from bench.wall.cells import Situation
from bench.wall.faults import FAULTS
from bench.wall.stated import Outcome
from bench.wall.wall import Stone, Wall
from tests.harness.dialects import DIALECTS

BEGIN: Final = "<!-- from here to the end: python -m bench.wall --write docs/resilience-faults.md -->"
_SENTENCE: Final = "a sentence"


def page(wall: Wall) -> str:
    return "\n".join([BEGIN, "", *_cells(wall.stones), "", *_errors(wall.stones), "", *_all(wall), ""])


def write(file: Path, text: str) -> None:
    """Raises `ValueError` where the file does not have `BEGIN`."""
    put(file, BEGIN, text)


def _cells(stones: Sequence[Stone]) -> Iterable[str]:
    yield "| fault | content | asked | what clients saw | cost of the attempts, in their order |"
    yield "|---|---|---|---|---|"
    for fault in FAULTS:
        for situation in Situation:
            own = [stone for stone in stones if (stone.cell.fault, stone.cell.situation) == (fault, situation)]
            for asked, outcome, who in _outcomes(own):
                saw = f"{outcome.word}{who}"
                yield f"| {fault.name} | {situation.value} | {asked} | {saw} | {', '.join(outcome.booked)} |"


def _outcomes(stones: Sequence[Stone]) -> Iterable[tuple[str, Outcome, str]]:
    """What differs, each with whom it concerns; nobody is named where it is the same for all."""
    names: dict[tuple[bool, Outcome], list[str]] = defaultdict(list)
    for stone in stones:
        names[stone.cell.streamed, stone.outcome].append(stone.cell.dialect.name)
    told: set[tuple[bool, Outcome]] = set()
    for (streamed, outcome), own in names.items():
        if (streamed, outcome) in told:
            continue
        other = names.get((not streamed, outcome))
        if other == own:
            told.add((not streamed, outcome))
        asked = "either way" if other == own else "streamed" if streamed else "whole"
        yield asked, outcome, "" if len(own) == len(DIALECTS) else f" ({', '.join(own)})"


def _errors(stones: Sequence[Stone]) -> Iterable[str]:
    """What an error is called."""
    names: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for stone in stones:
        if error := stone.seen.heard.error:
            names[stone.seen.status][stone.cell.dialect.name].add(_SENTENCE if " " in error else f"`{error}`")
    columns = [dialect.name for dialect in DIALECTS]
    yield f"| status | {' | '.join(columns)} |"
    yield f"|---|{'---|' * len(columns)}"
    for status, own in sorted(names.items()):
        cells = [", ".join(sorted(own[column])) for column in columns]
        yield f"| {status if status != 200 else '200, in the stream'} | {' | '.join(cells)} |"


def _all(wall: Wall) -> Iterable[str]:
    pinned = sum(stone.cell.situation is Situation.PINNED for stone in wall.stones)
    amiss = sum(not stone.is_as_stated for stone in wall.stones)
    yield (
        f"{len(wall.stones)} requests, {amiss} of them not as stated. Of the {pinned} that were pinned to home, the "
        f"model's server outside received {wall.bytes_outside} bytes and connections. The gateway printed "
        f"{len(wall.lines)} lines."
    )
