"""Words and character n-grams as numbers, vectorised: a text becomes a few numpy arrays, without a loop over words.

A word's hash is the sum over its bytes of a random 64-bit number per (place in the word, byte): tabulation hashing
(Zobrist 1970; Pătraşcu and Thorup 2012). The table comes from SplitMix64, so hashes are the same in every process and
on every platform. Character n-grams take a multiplicative rolling hash.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Bytes = NDArray[np.uint8]

PLACES = 32  # bytes of a word beyond this share the last place
SPACE, LETTER, DIGIT, MARK = 0, 1, 2, 3


def splitmix64(count: int, seed: int) -> Hashes:
    """`count` numbers of the SplitMix64 stream (Steele, Lea and Flood 2014)."""
    state = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(seed)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(state ^ (state >> np.uint64(31)), dtype=np.uint64)


def _folding() -> bytes:
    """Every digit becomes 0 and every white space a blank: that a number stands there says more than which."""
    table = bytearray(range(256))
    for byte in b"123456789":
        table[byte] = ord("0")
    for byte in b"\t\n\v\f\r":
        table[byte] = ord(" ")
    return bytes(table)


def _classes() -> Bytes:
    table = np.full(256, MARK, dtype=np.uint8)
    table[[ord(" "), *range(9, 14)]] = SPACE
    table[[*b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_", *range(128, 256)]] = LETTER
    table[[*b"0123456789"]] = DIGIT
    return table


_FOLD = _folding()
CLASS_OF_BYTE = _classes()
_WORD_TABLE = splitmix64(PLACES * 256, seed=0x71DE)
_BIGRAM = np.uint64(0xD6E8FEB86659FD93)
_GRAM = np.uint32(0x01000193)
_GRAM_MIX = np.uint32(0x9E3779B1)


@dataclass(frozen=True, slots=True)
class Hashed:
    """One text: a 64-bit hash per token (words, numbers, runs of marks), the tokens' lengths in bytes,
    which are numbers, and the folded bytes."""

    words: Hashes
    lengths: NDArray[np.intp]
    numbers: NDArray[np.bool_]
    folded: Bytes


def hash_text(text: str) -> Hashed:
    """Lower-cased, digits folded. A token is a longest run of bytes of one class; blanks separate and are dropped."""
    folded = np.frombuffer(text.lower().encode("utf-8", "replace").translate(_FOLD), dtype=np.uint8)
    if folded.size == 0:
        return Hashed(np.empty(0, np.uint64), np.empty(0, np.intp), np.empty(0, np.bool_), folded)
    classes = CLASS_OF_BYTE[folded]
    starts = np.concatenate(([0], np.flatnonzero(classes[1:] != classes[:-1]) + 1))
    lengths = np.diff(starts, append=folded.size)
    places = np.arange(folded.size) - np.repeat(starts, lengths)
    np.minimum(places, PLACES - 1, out=places)
    places <<= 8
    places += folded
    hashes = np.add.reduceat(_WORD_TABLE[places], starts)
    kinds = classes[starts]
    kept = kinds != SPACE
    return Hashed(hashes[kept], lengths[kept], kinds[kept] == DIGIT, folded)


def hash_word(word: str) -> int:
    """The hash `hash_text` gives to a text that is this one token."""
    return int(hash_text(word).words[0])


def bigrams(words: Hashes) -> Hashes:
    """One hash per pair of neighbours; order matters."""
    return np.asarray(words[:-1] * _BIGRAM + words[1:], dtype=np.uint64)


def grams(folded: Bytes, size: int) -> NDArray[np.uint32]:
    """One hash per window of `size` bytes, spaces included."""
    if folded.size < size:
        return np.empty(0, np.uint32)
    wide = folded.astype(np.uint32)
    count = folded.size - size + 1
    total = wide[:count] + np.uint32(size)
    for offset in range(1, size):
        total *= _GRAM
        total += wide[offset : offset + count]
    total *= _GRAM_MIX
    return total
