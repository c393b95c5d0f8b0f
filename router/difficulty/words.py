"""Words: what a text is cut into, and their hashes.

A word is a run of letters, digits and underscores; marks only separate (they are counted in `structure.py`). Case is
folded, and every digit to 0: that a number stands there says more than which. The hash is CRC-32, computed in C a
word at a time; it is no secret and not seeded, so it is the same in every process and on every platform.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.int64]
Buckets = NDArray[np.int64]

Distinct = list[int] | Hashes
"""Hashes, each once: a list of a few, an array of many, as either is sooner gone through."""

HASH_BITS = 32
BUCKET_BITS = 17
BUCKETS: Final = 1 << BUCKET_BITS
BUCKET_SHIFT: Final = HASH_BITS - BUCKET_BITS  # a hash's bucket is its high bits
MANY: Final = 64  # words; the distinct ones of fewer are found sooner by a set than by sorting
# Marks beyond ASCII, which in UTF-8 would be taken for letters.
_MARKS: Final = "¿¡«»“”„‘’–—…·\u00a0\u202f"


def _folding() -> bytes:
    table = bytearray(bytes(range(256)).lower())
    for byte in range(128):
        if chr(byte).isdigit():
            table[byte] = ord("0")
        elif not chr(byte).isalpha() and chr(byte) != "_":
            table[byte] = ord(" ")
    return bytes(table)


_FOLD: Final = _folding()


def words_of(text: str, encoded: bytes) -> list[bytes]:
    """The words in order. `encoded` is the text in UTF-8, which the caller has at hand."""
    if not text.isascii():
        text = text.lower()
        for mark in _MARKS:
            if mark in text:
                text = text.replace(mark, " ")
        encoded = text.encode("utf-8", "replace")
    return encoded.translate(_FOLD).split()


def hashes_of(words: Collection[bytes]) -> Hashes:
    """One hash (0 … 2^32 − 1) per word."""
    return np.fromiter(map(crc32, words), np.int64, len(words))


def array_of(hashes: Distinct) -> Hashes:
    """The same, few or many."""
    return np.array(hashes, np.int64) if isinstance(hashes, list) else hashes


def distinct(words: Sequence[bytes]) -> Distinct:
    """The hashes of all words, each once. Their order means nothing, but is the same in every process."""
    if len(words) < MANY:
        return list(set(map(crc32, words)))
    hashes = hashes_of(words)
    hashes.sort()
    first = np.ones(hashes.size, np.bool_)
    np.not_equal(hashes[1:], hashes[:-1], out=first[1:])
    return hashes[first]


def distinct_beside(words: Sequence[bytes], known: Distinct) -> Distinct:
    """Distinct hashes of the words that are not among `known`."""
    found = list(set(map(crc32, words)).difference(known if isinstance(known, list) else known.tolist()))
    return found if len(found) < MANY else np.array(found, np.int64)


def bucket_of(word: str) -> int:
    """The bucket of one word. Raises `ValueError` for a text that is not one word."""
    (one,) = words_of(word, word.encode())
    return crc32(one) >> BUCKET_SHIFT
