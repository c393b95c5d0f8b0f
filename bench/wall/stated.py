"""What is stated of each cell: what its client sees, and what the ledger has of its attempts."""

from __future__ import annotations

from typing import Final, NamedTuple

from bench.wall.cells import Cell, Situation
from bench.wall.faults import RETRY_AFTER, Again, Shows
from bench.wall.run import Seen

NOTHING: Final = "0"  # known to cost nothing
UNKNOWN: Final = "unknown"
EXACT: Final = "exact"  # what the model's server counted, at the price of the deployment
SO_FAR: Final = "so far"  # of an answer that broke off: what the prompt and the part that came cost, by estimate

ANSWER: Final = "the answer"
OTHERS: Final = "another's answer"
PART: Final = "a part, then an error"


class Outcome(NamedTuple):
    """`word`: what the client saw. `booked`: the cost of each attempt, in their order."""

    word: str
    booked: tuple[str, ...]


def stated(cell: Cell) -> Outcome:
    way = cell.way
    if way.shows is Shows.NEVER:
        return Outcome(ANSWER, (EXACT,))
    if way.shows is Shows.WITHIN:
        return Outcome(PART, (SO_FAR,))
    pinned = cell.situation is Situation.PINNED
    is_asked_again = way.again is Again.ALWAYS or (way.again is Again.AT_HOME and pinned)
    failed = UNKNOWN if way.owed else NOTHING
    if is_asked_again and way.passes:
        return Outcome(ANSWER, (failed, EXACT))
    booked = (failed, failed) if is_asked_again else (failed,)
    if cell.situation is Situation.FREE:
        return Outcome(OTHERS, (*booked, EXACT))
    status = 503 if pinned and way.status != 429 else way.status
    return Outcome(error_word(status, str(RETRY_AFTER) if status == 429 else ""), booked)


def error_word(status: int, retry_after: str) -> str:
    return f"{status}, again in {retry_after} s" if retry_after else str(status)


def word_of(seen: Seen) -> str:
    """In a few words; those that are stated of no cell are all bad news."""
    heard = seen.heard
    if not seen.status:
        return "no reply"
    if seen.unread:
        return f"{seen.status}, unreadable: {seen.unread}"
    if seen.broken:
        return f"{seen.status}, broken off"
    if seen.status != 200:
        return error_word(seen.status, seen.headers.get("retry-after", "")) if heard.error else f"{seen.status}, mute"
    if heard.ended:
        return ANSWER if seen.headers.get("x-tidegate-deployment") == seen.cell.at_fault else OTHERS
    return PART if heard.text and heard.error else "200, cut without a word"
