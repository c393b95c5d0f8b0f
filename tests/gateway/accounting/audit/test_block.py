"""If these fail, a line of the journal is not in the audit, or is taken for another than it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.accounting.audit.block import EMPTY, Block, Sealed, block_of, sealed_of

GOOD = "f" * 64
GARBLED = [
    b'["a"]\t1 ' + GOOD[:-1].encode(),
    b'["a"]\tx ' + GOOD.encode(),
    b'["a"]\t-1 ' + GOOD.encode(),
    b'["a"]\t0 ' + GOOD.encode(),
    b'["a"]\t01 ' + GOOD.encode(),
    b'["a"]\t' + b"9" * 19 + b" " + GOOD.encode(),
    b'["a"]\t' + b"9" * 5000 + b" " + GOOD.encode(),
    b'["a"]\t\xc2\xb2 ' + GOOD.encode(),
    b'["a"]\t1 1 ' + GOOD[:-2].encode(),
    b'["a"]\t1',
    b'["a"]\t1 ' + "é".encode() * 32,
    b'["a"]\t1 ' + "é".encode() * 64,
    b'["a\0"]\t1 ' + GOOD.encode(),
    b'["\xff"]\t1 ' + GOOD.encode(),
    b'["a"]\t',
    b"\t",
]


def lines_of(*numbers: int) -> list[bytes]:
    return [f'["a{number}"]\t{number} {number:064x}'.encode() for number in numbers]


@pytest.mark.parametrize("line", GARBLED)
def test_a_seal_that_is_none_is_told_apart(line: bytes) -> None:
    assert block_of([line]) == (Block([], ""), [line])


def test_the_others_are_taken_all_the_same() -> None:
    good = lines_of(1, 2)
    block, garbled = block_of([good[0], *GARBLED, good[1]])
    assert garbled == GARBLED
    assert block == Block([1, 2], b"\n".join(good).decode())


@given(
    st.lists(
        st.sampled_from([*lines_of(1, 2, 3, 4, 9), *GARBLED]) | st.binary().map(lambda text: text.replace(b"\n", b""))
    )
)
def test_read_together_or_one_by_one_comes_to_the_same(lines: list[bytes]) -> None:
    block, garbled = block_of(lines)
    each = [block_of([line]) for line in lines]
    assert garbled == [line for _, bad in each for line in bad]
    assert list(block.numbers) == [number for one, _ in each for number in one.numbers]
    assert block.text == "\n".join(one.text for one, _ in each if one.numbers)


@given(st.lists(st.integers(1, 9), max_size=9), st.integers(0, 10))
def test_what_is_there_already_is_left_out(numbers: list[int], last: int) -> None:
    block, _ = block_of(lines_of(*numbers))
    rest = block.after(last)
    assert list(rest.numbers) == [number for number in numbers if number > last]
    assert rest.text == b"\n".join(lines_of(*rest.numbers)).decode()


def test_the_head_is_the_hash_of_the_last() -> None:
    assert block_of(lines_of(7, 8))[0].head == f"{8:064x}"


def test_nothing_is_an_empty_block() -> None:
    assert block_of([]) == (EMPTY, [])


def test_a_line_without_a_place_is_shown_whole() -> None:
    texts = ["", "x", "x\t1", f"x\t01 {GOOD}", f"x\t{'9' * 5000} {GOOD}", f"x\t\u00b2 {GOOD}"]
    assert list(sealed_of("\n".join([*texts, f"x\t2 {GOOD}"]))) == [
        *(Sealed(0, "", text) if text != "x\t1" else Sealed(1, "", "x") for text in texts),
        Sealed(2, GOOD, "x"),
    ]
