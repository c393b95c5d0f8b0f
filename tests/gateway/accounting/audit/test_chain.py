"""If these fail, a chain does not show what was changed, or nobody but us can check it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from gateway.accounting.audit.block import block_of, sealed_of
from gateway.accounting.audit.chain import Chain, first_hash, hash_after
from gateway.accounting.journal import Journal
from gateway.accounting.record import Declined, line_of
from tests.gateway.accounting.samples import NOON, intent, settlement

RECORDS = st.lists(st.text(st.characters(exclude_characters="\0\t\n", exclude_categories=["Cs"]), min_size=1))


@given(RECORDS)
def test_what_is_sealed_is_read_with_its_place(records: list[str]) -> None:
    chain, lines, before = Chain("w0"), [], first_hash("w0")
    for record in records:
        lines.append(record.encode() + chain.seal(bytearray(record.encode()))[:-1])
        chain.written()
    block, garbled = block_of(lines)
    found = list(sealed_of(block.text)) if records else []
    assert [(one.number, one.record) for one in found] == list(enumerate(records, 1))
    for one in found:
        before = hash_after(before, one.record)
        assert one.hash == before
    assert garbled == []


def test_the_hash_is_what_sha256sum_says() -> None:
    """So that it can be checked without us."""
    first = hashlib.sha256(b"tidegate audit w0").hexdigest()
    assert first_hash("w0") == first
    assert hash_after(first, '["a1"]') == hashlib.sha256(f'{first}["a1"]'.encode()).hexdigest()


def test_a_line_that_was_not_written_has_no_place() -> None:
    chain = Chain("w0")
    refused = chain.seal(bytearray(b"one"))
    assert chain.seal(bytearray(b"one")) == refused
    chain.written()
    assert chain.seal(bytearray(b"one")) != refused
    assert chain.number == 1


def test_what_says_where_content_goes_is_sealed_and_nothing_else(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "w0", fsync=False, clock=lambda: NOON)
    one, hit, declined = intent("a1"), settlement("a2", outcome="hit"), Declined(intent("a3"), "refused")
    journal.intent(one)
    journal.settled(settlement("a1", at=NOON))
    journal.settled(hit)
    journal.declined(declined)
    journal.close()
    (file,) = tmp_path.glob("*.journal")
    lines = file.read_bytes().splitlines()
    block, garbled = block_of([line for line in lines if b"\t" in line])
    assert [(number, record.encode() + b"\n") for number, _, record in sealed_of(block.text)] == [
        (1, line_of(one)),
        (2, line_of(hit)),
        (3, line_of(declined)),
    ]
    assert garbled == []
    assert [line + b"\n" for line in lines if b"\t" not in line] == [line_of(settlement("a1", at=NOON))]
