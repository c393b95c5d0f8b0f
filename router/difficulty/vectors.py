"""Word vectors: what words mean, as numbers, distilled from a sentence encoder (`bench/word_vectors.py`).

A table of some 26,000 words, each already weighted by its inverse document frequency, so that the meaning of a text is
the sum of its words' vectors, scaled to unit length. The encoder itself is never run here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from router import artifact
from router.artifact import Artifact, ArtifactError
from router.difficulty.words import HASH_BITS, Hashes

Floats = NDArray[np.float32]

FORMAT = "tidegate-word-vectors"
SHIPPED = artifact.shipped("router.difficulty", "word_vectors")
DIMENSIONS = 64
KEY_BITS = 20  # of a word's hash; one word in forty that has no vector is taken for another that has one
KEY_SHIFT: Final = HASH_BITS - KEY_BITS


@dataclass(frozen=True, slots=True)
class WordVectors:
    """`keys` in ascending order, `rows`: the row of `table` (int8) of each. `sha256` names the table."""

    keys: NDArray[np.int64]
    rows: NDArray[np.intp]
    table: NDArray[np.int8]
    sha256: str

    def meaning(self, hashes: Hashes, earlier: Hashes, weight: float) -> Floats:
        """`DIMENSIONS` numbers of unit length; all 0 where no word has a vector. `weight`: of each earlier word."""
        total = self._sum(hashes)
        if earlier.size:
            total += np.float32(weight) * self._sum(earlier)
        square = float(total.dot(total))
        if square > 0:
            total *= np.float32(square**-0.5)
        return total

    def _sum(self, hashes: Hashes) -> Floats:
        keys = hashes >> KEY_SHIFT
        places = np.minimum(np.searchsorted(self.keys, keys), self.keys.size - 1)
        found = self.table[self.rows[places[self.keys[places] == keys]]]
        out: Floats = np.add.reduce(found, 0, dtype=np.int32).astype(np.float32)
        return out

    @classmethod
    def of(cls, keys: NDArray[np.integer], table: NDArray[np.int8], sha256: str = "") -> Self:
        """`keys`: one per row of `table`, each once. Raises `ValueError` for arrays that do not fit together."""
        if table.dtype != np.int8 or table.shape != (keys.size, DIMENSIONS) or not 0 < keys.size < 1 << 16:
            raise ValueError(f"expected 1 to 65,535 rows of {DIMENSIONS} int8, found {table.dtype} {table.shape}")
        rows = np.argsort(keys)
        ascending = keys[rows].astype(np.int64)
        if not np.all(np.diff(ascending) > 0) or ascending[0] < 0 or ascending[-1] >= 1 << KEY_BITS:
            raise ValueError(f"keys must be distinct and below {1 << KEY_BITS}")
        return cls(ascending, rows, table, sha256)

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Raises `ArtifactError`."""
        stored = artifact.read(directory, FORMAT)
        try:
            keys, table = stored.arrays["keys"].astype(np.int64), stored.arrays["table"].astype(np.int8, copy=False)
            return cls.of(keys, table, str(stored.card["sha256"]))
        except (KeyError, ValueError) as error:
            raise ArtifactError(f"{directory}: its arrays are not word vectors: {error}") from error


def save(directory: Path, keys: NDArray[np.integer], table: NDArray[np.int8], card: dict[str, object]) -> None:
    """Writes the artifact."""
    arrays: dict[str, NDArray[np.generic]] = {"keys": keys.astype(np.uint32), "table": table}
    artifact.write(directory, Artifact(arrays, card), FORMAT)


def checksum() -> str:
    """Names the table inside the package: that of its arrays. Raises `ArtifactError`."""
    return str(artifact.read_card(SHIPPED, FORMAT).get("sha256"))


@cache
def shipped() -> WordVectors:
    """The table inside the package; read once. Raises `ArtifactError`."""
    return WordVectors.load(SHIPPED)
