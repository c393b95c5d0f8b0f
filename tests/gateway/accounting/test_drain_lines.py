"""If these fail, reading many lines at a time loses one, counts one twice, or keeps one aside that is none."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.accounting.drain import read_lines
from gateway.accounting.record import SETTLED, Intent, Settlement, UnreadableLine, intent_of, line_of, settlement_of
from tests.gateway.accounting.samples import intents, settlements

IDS = st.sampled_from(["a1", "a2", "a3", "a4"])


def one_by_one(lines: list[bytes]) -> tuple[list[Settlement], list[Intent], list[bytes]]:
    """Settlements in their order; intents of attempts that are not settled here; the lines that are neither."""
    settled: list[Settlement] = []
    begun: list[Intent] = []
    bad: list[bytes] = []
    for line in lines:
        try:
            record = settlement_of(line) if line.startswith(SETTLED) else intent_of(line)
        except UnreadableLine:
            bad.append(line)
        else:
            settled.append(record) if isinstance(record, Settlement) else begun.append(record)
    ended = {record.attempt_id for record in settled}
    return settled, [record for record in begun if record.attempt_id not in ended], bad


def spoilt(line: bytes) -> st.SearchStrategy[bytes]:
    return st.one_of(
        st.integers(0, len(line)).map(lambda end: line[:end]),
        st.sampled_from([line + b"]", line[:-1] + b",", line + b" " + line, line + b"," + line, b"[" + line]),
        st.binary(max_size=20),
    )


LINES = st.lists(
    (intents(IDS) | settlements(intents(IDS)))
    .map(lambda record: line_of(record)[:-1])
    .flatmap(lambda line: st.just(line) | spoilt(line).map(lambda bad: bad.replace(b"\n", b""))),
    max_size=8,
)


@given(LINES)
def test_lines_read_together_are_what_they_are_one_by_one(lines: list[bytes]) -> None:
    records, unreadable = read_lines(lines)
    settled, begun, bad = one_by_one(lines)
    assert [record for record in records if isinstance(record, Settlement)] == settled
    assert [record for record in records if isinstance(record, Intent)] == begun
    # What is left of an intent is not missed where its settlement is here.
    ended = tuple(b'["%b"' % record.attempt_id.encode() for record in settled)
    assert sorted(unreadable) == sorted(line for line in bad if not line.startswith(ended))
