"""Words and character n-grams as numbers, vectorised: a text becomes a few numpy arrays, without a loop over words.

A word's hash is a polynomial in its bytes modulo 2^64 (Karp and Rabin 1987), summed with powers that count from the
start of the text, then shifted to the word's start by the inverse of the multiplier. A last step mixes low bits into
high ones. Nothing is seeded at random, so hashes are the same in every process and on every platform.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Bytes = NDArray[np.uint8]

LONGEST = 1 << 16  # bytes of one text; more are not read
SPACE, LETTER, DIGIT, MARK = 0, 1, 2, 3
_MULTIPLIER = 0x9E6C63D0876A9A47
_MIX = np.uint64(0xD6E8FEB86659FD93)
_BIGRAM = np.uint64(0xA0761D6478BD642F)
_GRAM = np.uint32(0x01000193)
_GRAM_MIX = np.uint32(0x9E3779B1)


def _folding() -> bytes:
    """Lower case, every digit 0, every white space a blank: that a number stands there says more than which."""
    table = bytearray(bytes(range(256)).lower())
    for byte in b"123456789":
        table[byte] = ord("0")
    for byte in b"\t\n\v\f\r":
        table[byte] = ord(" ")
    return bytes(table)


def _classes() -> bytes:
    """Class of each folded byte. Bytes of other scripts count as letters."""
    table = bytearray([MARK]) * 256
    for byte in (*b"abcdefghijklmnopqrstuvwxyz_", *range(128, 256)):
        table[byte] = LETTER
    table[ord("0")] = DIGIT
    table[ord(" ")] = SPACE
    return bytes(table)


def _powers(multiplier: int) -> Hashes:
    """multiplier^0, ^1, … modulo 2^64, by doubling."""
    out = np.ones(LONGEST, dtype=np.uint64)
    size = 1
    while size < LONGEST:
        out[size : 2 * size] = out[:size] * np.uint64(pow(multiplier, size, 1 << 64))
        size *= 2
    return out


_FOLD = _folding()
_CLASSES = _classes()
_POWERS = _powers(_MULTIPLIER)
_INVERSE_POWERS = _powers(pow(_MULTIPLIER, -1, 1 << 64))


@dataclass(frozen=True, slots=True)
class Hashed:
    """One text: a 64-bit hash per token (words, numbers, runs of marks), the tokens' lengths in bytes, how many are
    numbers, and the folded bytes."""

    words: Hashes
    lengths: NDArray[np.intp]
    numbers: int
    folded: Bytes


def hash_text(text: str) -> Hashed:
    """A token is a longest run of bytes of one class; blanks separate and are dropped. Case and digits are folded."""
    lowered = text if text.isascii() else text.lower()
    encoded = lowered.encode("utf-8", "replace")[:LONGEST].translate(_FOLD)
    folded = np.frombuffer(encoded, dtype=np.uint8)
    if folded.size == 0:
        return Hashed(np.empty(0, np.uint64), np.empty(0, np.intp), 0, folded)
    classes = np.frombuffer(encoded.translate(_CLASSES), dtype=np.uint8)
    changes = (classes[1:] != classes[:-1]).nonzero()[0]
    starts = np.zeros(changes.size + 1, dtype=np.intp)
    np.add(changes, 1, out=starts[1:])
    sums = np.add.reduceat(_POWERS[: folded.size] * folded, starts)
    kinds = classes[starts]
    kept = kinds.nonzero()[0]  # SPACE is 0
    lengths = np.empty(starts.size, dtype=np.intp)
    np.subtract(starts[1:], starts[:-1], out=lengths[:-1])
    lengths[-1] = folded.size - starts[-1]
    words = _mixed(sums[kept] * _INVERSE_POWERS[starts[kept]])
    return Hashed(words, lengths[kept], int(np.count_nonzero(kinds == DIGIT)), folded)


def _mixed(hashes: Hashes) -> Hashes:
    hashes ^= hashes >> np.uint64(32)
    hashes *= _MIX
    hashes ^= hashes >> np.uint64(29)
    hashes *= _MIX
    return hashes


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
