"""Entry: a damaged or foreign value must be a miss, never a broken answer."""

from __future__ import annotations

import zlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cache import entry as module
from gateway.cache.entry import Entry

ENTRY = Entry(
    body=b'{"choices":[]}',
    stored_at=1_700_000_000.25,
    deployment="small",
    zone="local",
    model="local-model",
    clearance="masked:eu+local",
    prompt_tokens=12,
    completion_tokens=34,
    cached_tokens=5,
    estimated=True,
    finish="length",
)

entries = st.builds(
    Entry,
    body=st.binary(max_size=200) | st.binary(max_size=40).map(lambda part: part * 100),
    stored_at=st.floats(0, 4e9),
    deployment=st.text(max_size=10),
    zone=st.text(max_size=10),
    model=st.text(max_size=10),
    clearance=st.sampled_from(["local", "any", "masked"]),
    prompt_tokens=st.integers(0, 2**53),
    completion_tokens=st.integers(0, 2**53),
    cached_tokens=st.integers(0, 2**53),
    estimated=st.booleans(),
    finish=st.sampled_from(["stop", "length", "tool_calls"]),
)


@given(entries)
def test_what_was_kept_comes_back_whole(entry: Entry) -> None:
    assert Entry.decode(entry.encode()) == entry


def test_large_answers_are_kept_small() -> None:
    large = replace(ENTRY, body=b'{"content":"the same words again and again"}' * 1000)
    assert len(large.encode()) < len(large.body) / 20


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_one_wrong_byte_anywhere_is_a_miss(place: int, change: int) -> None:
    data = bytearray(replace(ENTRY, body=b"some text " * 200).encode())
    data[place % len(data)] ^= change
    assert Entry.decode(bytes(data)) is None


@given(st.integers(0, 10_000))
def test_a_value_that_was_cut_is_a_miss(length: int) -> None:
    data = replace(ENTRY, body=b"some text " * 200).encode()
    assert Entry.decode(data[: length % len(data)]) is None


@given(st.binary(max_size=60))
def test_bytes_of_someone_else_are_a_miss(data: bytes) -> None:
    assert Entry.decode(data) is None


def test_another_version_is_a_miss() -> None:
    data = ENTRY.encode()
    assert Entry.decode(bytes([module.SCHEMA + 1]) + data[1:]) is None


def sealed(facts: bytes, body: bytes) -> bytes:
    """What `encode` would make of these facts, checksum and all."""
    return module._HEAD.pack(module.SCHEMA, zlib.crc32(facts + body), len(facts)) + facts + body


GOOD = b'[-1,1.0,"small","local","m","any",1,2,0,false,"stop"]'


def test_the_facts_are_what_they_should_be() -> None:
    assert Entry.decode(sealed(GOOD, b"{}")) == Entry(b"{}", 1.0, "small", "local", "m", "any", 1, 2)


@pytest.mark.parametrize(
    "facts",
    [
        b"",
        b"{}",
        b"[]",
        GOOD.replace(b'"small"', b"null"),
        GOOD.replace(b"false", b"0"),
        GOOD.replace(b"1,2,0", b"1,2.5,0"),
        GOOD.replace(b"1,2,0", b"true,2,0"),
        GOOD.replace(b"-1,", b"2,"),  # says compressed, and is not
    ],
)
def test_facts_of_another_shape_are_a_miss(facts: bytes) -> None:
    assert Entry.decode(sealed(facts, b"{}")) is None


@pytest.mark.parametrize("claimed", [0, 999, 1001, 10**12])
def test_an_entry_unpacks_to_the_length_it_claims_or_not_at_all(claimed: int) -> None:
    packed = zlib.compress(b"x" * 1000)
    good = sealed(GOOD.replace(b"-1,", b"1000,"), packed)
    assert Entry.decode(good) is not None
    assert Entry.decode(sealed(GOOD.replace(b"-1,", f"{claimed},".encode()), packed)) is None
