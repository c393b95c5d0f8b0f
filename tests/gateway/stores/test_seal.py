"""If these fail, what stands on a disk can be read, or put where it does not belong."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.stores.seal import LEARNING, Label, Seal
from tests.gateway.conversations.samples import SECRET

LABEL = Label("resp_1", "dev", "local", 1_800_000_000)


@given(st.binary(max_size=2000), st.text(min_size=1), st.text(min_size=1), st.integers(0, 2**53))
def test_it_opens_with_the_same_key_under_the_same_label(content: bytes, row: str, owner: str, expires: int) -> None:
    label = Label(row, owner, "any", expires)
    assert Seal(SECRET).opened(label, Seal(SECRET).sealed(label, content)) == content


@given(st.binary(min_size=16, max_size=2000))
def test_nothing_of_it_can_be_read(content: bytes) -> None:
    sealed = Seal(SECRET).sealed(LABEL, content)
    assert all(content[place : place + 8] not in sealed for place in range(0, len(content) - 8, 8))
    assert sealed != Seal(SECRET).sealed(LABEL, content)


@pytest.mark.parametrize(
    "label",
    [
        replace(LABEL, id="resp_2"),
        replace(LABEL, owner="other"),
        replace(LABEL, clearance="any"),
        replace(LABEL, expires=LABEL.expires + 1),
        Label("resp_1dev", "", "local", LABEL.expires),
    ],
)
def test_it_opens_under_no_other_label(label: Label) -> None:
    assert Seal(SECRET).opened(label, Seal(SECRET).sealed(LABEL, b"content")) is None


def test_it_opens_for_no_other_purpose() -> None:
    assert Seal(SECRET, LEARNING).opened(LABEL, Seal(SECRET).sealed(LABEL, b"content")) is None


def test_it_opens_with_no_other_key() -> None:
    assert Seal(SECRET + "0").opened(LABEL, Seal(SECRET).sealed(LABEL, b"content")) is None


@given(st.data())
def test_a_changed_byte_is_noticed(data: st.DataObject) -> None:
    sealed = bytearray(Seal(SECRET).sealed(LABEL, b"content"))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))
    assert Seal(SECRET).opened(LABEL, bytes(sealed)) is None


@given(st.binary(max_size=64))
def test_rubbish_is_no_seal(sealed: bytes) -> None:
    assert Seal(SECRET).opened(LABEL, sealed) is None


def test_there_is_no_sealing_without_a_key() -> None:
    with pytest.raises(ValueError, match="no key"):
        Seal("")
