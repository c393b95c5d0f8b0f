"""Entry: a damaged or foreign value must be a miss, never a broken answer."""

from __future__ import annotations

import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack
from msgspec.structs import replace

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


def sealed(fields: bytes, length: int = module._AS_IT_IS) -> bytes:
    """What `encode` would make of these fields, checksum and all."""
    summed = length.to_bytes(4, "little") + fields
    return module._HEAD.pack(module.SCHEMA, zlib.crc32(summed), length) + fields


GOOD: tuple[Any, ...] = (b"{}", 1.0, "small", "local", "m", "any", 1, 2, 0, False, "stop")


def test_the_fields_are_what_they_should_be() -> None:
    assert Entry.decode(sealed(msgpack.encode(GOOD))) == Entry(b"{}", 1.0, "small", "local", "m", "any", 1, 2)


def test_an_entry_of_a_version_without_the_later_fields_is_read() -> None:
    assert Entry.decode(sealed(msgpack.encode(GOOD[:8]))) == Entry(*GOOD)


@pytest.mark.parametrize(
    "fields",
    [
        b"",
        msgpack.encode({}),
        msgpack.encode([]),
        msgpack.encode(GOOD[:7]),
        msgpack.encode(GOOD) + b"\0",
        msgpack.encode((*GOOD[:2], None, *GOOD[3:])),
        msgpack.encode((*GOOD[:9], 0, *GOOD[10:])),
        msgpack.encode((*GOOD[:7], 2.5, *GOOD[8:])),
        msgpack.encode((*GOOD[:6], True, *GOOD[7:])),
        msgpack.encode(GOOD).replace(b"small", b"\xff\xfeall"),
    ],
)
def test_fields_of_another_shape_are_a_miss(fields: bytes) -> None:
    assert Entry.decode(sealed(fields)) is None


def test_a_body_that_is_said_to_be_compressed_and_is_not_is_a_miss() -> None:
    assert Entry.decode(sealed(msgpack.encode(GOOD), 2)) is None


@pytest.mark.parametrize("claimed", [0, 999, 1001, 2**31])
def test_an_entry_unpacks_to_the_length_it_claims_or_not_at_all(claimed: int) -> None:
    fields = msgpack.encode((zlib.compress(b"x" * 1000), *GOOD[1:]))
    good = Entry.decode(sealed(fields, 1000))
    assert good is not None
    assert good.body == b"x" * 1000
    assert Entry.decode(sealed(fields, claimed)) is None


def test_what_is_read_needs_nothing_of_what_it_was_read_from() -> None:
    data = bytearray(b"k" + ENTRY.encode())
    entry = Entry.decode(memoryview(data)[1:])
    data[:] = bytes(len(data))
    assert entry == ENTRY
