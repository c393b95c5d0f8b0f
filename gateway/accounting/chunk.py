"""Chunk: what a piece of a journal holds, for the ledger and for the audit, and the lines that are neither's.

Lines are read together as far as that comes to the same: it costs a fraction of reading one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple, TypeVar

from msgspec import Struct
from msgspec.json import Decoder

from gateway.accounting.audit.block import Block, block_of, sealed_of
from gateway.accounting.record import DECLINED, SETTLED, Intent, UnreadableLine, intent_of, intents_of, settlement_of
from gateway.accounting.row import AT, ATTEMPT_ID, Row, rows_of, settled_row

_T = TypeVar("_T")

_TAB: Final = b"\t"  # between a record and its seal
_NAME: Final = len(b'["')  # where the attempt's name begins in an intent's line

Span = tuple[float, float]  # seconds since the epoch: nothing before the first, nothing after the second


class Lines(NamedTuple):
    """What the ledger has to know of them, without seals. An intent is left out where its settlement is here: that
    holds it."""

    rows: list[Row]  # of what has ended
    begun: list[Intent]
    declined: list[bytes]  # cost nothing, so the ledger has no use for them
    unreadable: list[bytes]


class Chunk(NamedTuple):
    rows: list[Row]
    begun: list[Intent]
    block: Block
    span: Span | None  # of the decisions in the block, if any says when it was made
    aside: list[bytes]  # the lines that are no records


def read_chunk(lines: Sequence[bytes], worker: str) -> Chunk:
    """Of lines without their line feeds, from the journal of `worker`."""
    block, garbled = block_of([line for line in lines if _TAB in line])
    if garbled:
        away = set(garbled)
        lines = [line for line in lines if line not in away]
    read = read_lines(lines, worker)
    times = _times_of(read, block) if block.numbers else []
    span = (min(times), max(times)) if times else None
    return Chunk(read.rows, read.begun, block, span, garbled + read.unreadable)


def read_lines(lines: Iterable[bytes], worker: str) -> Lines:
    """Of lines with or without seals."""
    ended: list[bytes] = []
    others: list[bytes] = []
    for line in lines:
        (ended if line.startswith(SETTLED) else others).append(line)
    read = Lines([], [], [], [])
    if _TAB in b"".join(ended):
        ended = [line.partition(_TAB)[0] for line in ended]
    rows = rows_of(ended, worker)
    if rows is None:
        _read_each(ended, lambda line: settled_row(settlement_of(line), worker), read.rows, read.unreadable)
    else:
        read.rows.extend(rows)
    ids: list[Any] = [row[ATTEMPT_ID] for row in read.rows]
    # How the intents of these attempts begin, up to the quote behind their names. Of a name that needs escaping it is
    # not, and the intent is read.
    known = {b'["' + name.encode() for name in ids if "\\" not in name}
    begun: list[bytes] = []
    for line in [line for line in others if line[: line.find(b'"', _NAME)] not in known]:
        record, tab, _ = line.partition(_TAB)
        (read.declined if tab and record.startswith(DECLINED) else begun).append(record)
    intents = intents_of(begun)
    if intents is None:
        _read_each(begun, intent_of, read.begun, read.unreadable)
    else:
        read.begun.extend(intents)
    return read


def _read_each(lines: Iterable[bytes], read: Callable[[bytes], _T], records: list[_T], unreadable: list[bytes]) -> None:
    for line in lines:
        try:
            records.append(read(line))
        except UnreadableLine:
            unreadable.append(line)


def _times_of(read: Lines, block: Block) -> list[float]:
    """When the decisions in the block were made, and perhaps a few before them, whose settlements are here."""
    if read.unreadable:
        return [at for sealed in sealed_of(block.text) if (at := time_of(sealed.record)) is not None]
    times: list[Any] = [row[AT] for row in read.rows]
    times += [intent.at for intent in read.begun]
    return times + [at for line in read.declined if (at := time_of(line.decode())) is not None]


class _Begun(Struct, frozen=True, array_like=True, gc=False):
    """The beginning of an intent."""

    attempt_id: str
    request_id: str
    at: float


class _Hit(Struct, frozen=True, array_like=True, gc=False):
    intent: _Begun


class _Declined(Struct, frozen=True, gc=False):
    intent: _Begun


_BEGUN: Final = Decoder(_Begun)
_HIT: Final = Decoder(_Hit)
_DECLINED: Final = Decoder(_Declined)


def time_of(record: str) -> float | None:
    """When the decision was made, in seconds since the epoch; None where the record does not say."""
    try:
        if record.startswith("[["):
            return _HIT.decode(record).intent.at
        return _DECLINED.decode(record).intent.at if record.startswith("{") else _BEGUN.decode(record).at
    except (ValueError, RecursionError):
        return None
