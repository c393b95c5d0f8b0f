"""Slot: where in a Cluster a command belongs, told by the one key that it names.

https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#key-distribution-model
"""

from __future__ import annotations

from binascii import crc_hqx
from collections.abc import Sequence
from typing import Final

SLOTS: Final = 16384
Word = str | bytes | int

# The place of the key where that is not 1; 0 for commands without one.
_PLACES: Final = {
    **dict.fromkeys((b"EVAL", b"EVALSHA", b"EVAL_RO", b"EVALSHA_RO", b"FCALL", b"FCALL_RO"), 3),
    **dict.fromkeys((b"OBJECT", b"MEMORY", b"XGROUP", b"XINFO", b"BITOP"), 2),
    **dict.fromkeys((b"PING", b"TIME", b"INFO", b"PUBLISH", b"SCRIPT", b"FUNCTION", b"CLUSTER", b"ROLE", b"CONFIG"), 0),
}
_STREAMS: Final = (b"XREAD", b"XREADGROUP")


def key_of(command: Sequence[Word]) -> bytes | None:
    """None where it names none: any server will do."""
    word = _bytes(command[0])
    if word in _STREAMS:
        words = [_bytes(word).upper() for word in command]
        place = words.index(b"STREAMS") + 1
    else:
        place = _PLACES.get(word, 1)
    if place == 0 or len(command) <= place or (place == 3 and _bytes(command[2]) == b"0"):
        return None
    return _bytes(command[place])


def slot_of(key: bytes) -> int:
    """Only what stands in the first braces counts, unless that is nothing."""
    start = key.find(b"{")
    if start >= 0:
        end = key.find(b"}", start + 1)
        if end > start + 1:
            key = key[start + 1 : end]
    return crc_hqx(key, 0) % SLOTS


def _bytes(word: Word) -> bytes:
    if isinstance(word, bytes):
        return word
    return word.encode() if isinstance(word, str) else b"%d" % word
