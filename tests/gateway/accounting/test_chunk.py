"""If these fail, reading many lines at a time loses one, counts one twice, or keeps one aside that is none."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.accounting.audit.chain import Chain
from gateway.accounting.chunk import read_chunk, read_lines, time_of
from gateway.accounting.record import (
    SETTLED,
    Declined,
    Intent,
    Settlement,
    UnreadableLine,
    intent_of,
    line_of,
    settlement_of,
)
from gateway.accounting.row import settled_row
from tests.gateway.accounting.samples import NOON, intent, intents, settlement, settlements

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
    .flatmap(lambda line: st.just(line) | spoilt(line).map(lambda bad: bad.replace(b"\n", b"").replace(b"\t", b""))),
    max_size=8,
)


@given(LINES)
def test_lines_read_together_are_what_they_are_one_by_one(lines: list[bytes]) -> None:
    read = read_lines(lines, "w")
    settled, begun, bad = one_by_one(lines)
    assert read.rows == [settled_row(record, "w") for record in settled]
    assert read.begun == begun
    assert read.declined == []
    # What is left of an intent is not missed where its settlement is here.
    ended = tuple(b'["%b"' % record.attempt_id.encode() for record in settled)
    assert sorted(read.unreadable) == sorted(line for line in bad if not line.startswith(ended))


Record = Intent | Settlement | Declined


def sealed(*records: Record, first: int = 1) -> list[bytes]:
    chain, lines = Chain("w0"), []
    chain.number = first - 1
    for record in records:
        line = bytearray(line_of(record)[:-1])
        lines.append(bytes(line + chain.seal(line)[:-1]))
        chain.written()
    return lines


def test_what_the_ledger_has_to_know_and_what_the_audit_does() -> None:
    hit, declined = settlement("a3", outcome="hit"), Declined(intent("a4"), "refused")
    audited = sealed(intent("a1"), intent("a2"), hit, declined)
    plain = [line_of(settlement("a1"))[:-1], line_of(intent("a5"))[:-1]]
    chunk = read_chunk([*audited[:3], *plain, *audited[3:]], "w")
    assert chunk.rows == [settled_row(hit, "w"), settled_row(settlement("a1"), "w")]
    assert chunk.begun == [intent("a2"), intent("a5")]
    assert chunk.block.text.encode() == b"\n".join(audited)
    assert list(chunk.block.numbers) == [1, 2, 3, 4]
    assert chunk.aside == []


def test_a_line_whose_seal_is_none_is_kept_aside_and_the_others_are_not() -> None:
    lines = sealed(intent("a1"), intent("a2"), intent("a3"))
    lines[1] += b"0"
    chunk = read_chunk([*lines, b"{}", b"[["], "w")
    assert chunk.begun == [intent("a1"), intent("a3")]
    assert list(chunk.block.numbers) == [1, 3]
    assert sorted(chunk.aside) == sorted([lines[1], b"{}", b"[["])


@given(st.lists(st.tuples(st.sampled_from(["sent", "hit", "declined"]), st.floats(1, 1e10)), min_size=1, max_size=6))
def test_no_decision_is_outside_of_the_span(made: list[tuple[str, float]]) -> None:
    records: list[Record] = []
    for number, (kind, at) in enumerate(made):
        one = intent(f"a{number}", at=at)
        if kind == "sent":
            records.append(one)
        else:
            records.append(settlement(one, outcome="hit") if kind == "hit" else Declined(one, "blocked"))
    times = [at for _, at in made]
    ended = [line_of(settlement(one))[:-1] for one in records if isinstance(one, Intent)]
    assert read_chunk([*sealed(*records), *ended], "w").span == (min(times), max(times))
    assert read_chunk(sealed(*records), "w").span == (min(times), max(times))


def test_the_span_counts_what_the_ledger_cannot_read() -> None:
    """An export of that time has to show it."""
    bad = settlement(intent("a1", at=NOON - 50, key="\0"), outcome="hit")
    chunk = read_chunk(sealed(bad, intent("a2", at=NOON)), "w")
    assert chunk.begun == [intent("a2", at=NOON)]
    assert chunk.span == (NOON - 50, NOON)


def test_what_is_not_audited_has_no_span() -> None:
    chunk = read_chunk([line_of(settlement("a1"))[:-1]], "w")
    assert (chunk.span, list(chunk.block.numbers)) == (None, [])


@settings(max_examples=50, suppress_health_check=list(HealthCheck))
@given(intents(st.text(st.characters(exclude_categories=["Cs"]), min_size=1)))
def test_when_it_was_decided_is_read_from_every_kind_of_record(one: object) -> None:
    at = one.at  # type: ignore[attr-defined]
    for record in (one, settlement(one, outcome="hit"), Declined(one, "blocked")):  # type: ignore[arg-type]
        assert time_of(line_of(record).decode()[:-1]) == at  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "[", "{}", '["a","b"]', "[[1,2,3]]", "[" * 5000])
def test_what_does_not_say_when_has_no_time(text: str) -> None:
    assert time_of(text) is None
