"""Slot: a command that is sent to the wrong server costs a round trip, and one that is cut into two slots fails."""

from __future__ import annotations

import pytest
from redis.crc import key_slot

from gateway.stores.slot import Word, key_of, slot_of
from tests.servers.cluster import ClusterOfSix

KEYS = (b"", b"a", b"{a}b", b"b{a}", b"{}a", b"{a", b"a}", b"{a}{b}", b"{{a}}", "schlüssel".encode(), bytes(range(256)))


@pytest.mark.parametrize("key", KEYS)
def test_the_slot_is_that_of_the_server(key: bytes, cluster: ClusterOfSix) -> None:
    with cluster.client() as client:
        slot = client.cluster("KEYSLOT", key)
    assert slot_of(key) == key_slot(key) == slot


@pytest.mark.parametrize(
    ("command", "key"),
    [
        ((b"GET", "k"), b"k"),
        (("SET", "k", b"v", b"EX", 5), b"k"),
        ((b"EVAL", b"return 1", 1, "k", 7), b"k"),
        ((b"EVALSHA", b"0" * 40, 2, b"k", b"l"), b"k"),
        ((b"EVAL", b"return 1", 0), None),
        ((b"XREAD", b"BLOCK", 100, b"streams", "k", "0"), b"k"),
        ((b"XADD", "k", "*", "f", b"v"), b"k"),
        ((b"PUBLISH", "channel", b"v"), None),
        ((b"PING",), None),
        ((b"INCRBY", 7, 1), b"7"),
    ],
)
def test_the_key_is_found(command: tuple[Word, ...], key: bytes | None) -> None:
    assert key_of(command) == key


def test_what_a_store_keeps_beside_a_key_is_in_its_slot(cluster: ClusterOfSix) -> None:
    assert cluster.of("tidegate:{k}:lock") is cluster.of("tidegate:{k}")
    assert slot_of(b"tidegate:{k}:lock") == slot_of(b"tidegate:{k}")
