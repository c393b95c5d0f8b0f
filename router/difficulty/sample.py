"""Sample: a reading as a few hundred bytes, to learn from later. Numbers only: no words, and no hashes of words.

The hash of a word is no secret, for the words of a language can be tried one after the other; so what is kept is the
meaning of all words together and the structural numbers, in half precision. That is no text. It is still made from
one: of a very short prompt one may guess which common words stood in it, so samples stay where content may be.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from router.difficulty.features import FEATURES_VERSION, Reading
from router.difficulty.structure import STRUCTURE_NAMES
from router.difficulty.vectors import DIMENSIONS

_LARGEST: Final = 65504.0  # in half precision
_HEAD: Final = 6  # bytes: version, numbers of meaning, numbers of structure; each little-endian
_SIZE: Final = _HEAD + 2 * (DIMENSIONS + len(STRUCTURE_NAMES))


def pack(reading: Reading) -> bytes:
    """What is kept of a reading. Numbers are rounded to 11 significant bits."""
    head = np.array([FEATURES_VERSION, reading.meaning.size, reading.structure.size], "<u2")
    numbers = np.concatenate((reading.meaning, reading.structure))
    return head.tobytes() + np.clip(numbers, -_LARGEST, _LARGEST).astype("<f2").tobytes()


def unpack(packed: bytes) -> Reading:
    """The reading without its words. Raises `ValueError` for what another version has packed, and for anything else."""
    if len(packed) != _SIZE:
        raise ValueError(f"a sample of this release has {_SIZE} bytes, not {len(packed)}")
    version, meaning, structure = np.frombuffer(packed, "<u2", 3).tolist()
    if (version, meaning, structure) != (FEATURES_VERSION, DIMENSIONS, len(STRUCTURE_NAMES)):
        raise ValueError(f"packed with features version {version}, this release has {FEATURES_VERSION}")
    numbers = np.frombuffer(packed, "<f2", offset=_HEAD).astype(np.float32)
    if not np.isfinite(numbers).all():
        raise ValueError("a sample holds finite numbers only")
    none = np.empty(0, np.int64)
    return Reading(none, none, numbers[:DIMENSIONS], numbers[DIMENSIONS:])
