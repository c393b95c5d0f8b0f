"""Parameters: what the fit finds and the artifact holds. The tagger is made of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from router.sensitivity.tagger import artifact
from router.sensitivity.tagger.features import FEATURES_VERSION, INTEGER_SLOTS, SLOTS


@dataclass(frozen=True, slots=True)
class Parameters:
    """Weights by slot and value; weights of the words of a text; the words that are common.

    `words` and `bias` hold the weight for `person` as the real and that for `working` as the imaginary part, so that
    one pass in C adds up both.
    """

    tables: tuple[dict[str | int, float], ...]
    words: dict[str, complex]
    bias: complex
    common: frozenset[str]

    @classmethod
    def read(cls, directory: Path) -> Self:
        """Raises `artifact.ArtifactError`."""
        arrays = artifact.read(directory, FEATURES_VERSION)
        # A word is one object, whatever tables know it, and so is a weight: of half floats there are few. They are not
        # interned: that table of the interpreter would grow by a megabyte.
        one: dict[str | complex, Any] = {}
        keys, words, common = (
            (one.setdefault(word, word) for word in artifact.unpacked_words(arrays[name]))
            for name in ("keys", "words", "common")
        )
        tables: tuple[dict[str | int, float], ...] = tuple({} for _ in range(SLOTS))
        for key, slot, weight in zip(keys, arrays["slots"].tolist(), arrays["weights"].tolist(), strict=True):
            tables[slot][int(key) if slot < INTEGER_SLOTS else key] = one.setdefault(weight, weight)
        pairs = zip(words, map(complex, arrays["person"].tolist(), arrays["working"].tolist()), strict=True)
        return cls(
            tables,
            {word: one.setdefault(weight, weight) for word, weight in pairs},
            complex(*arrays["bias"].tolist()),
            frozenset(common),
        )

    def write(self, directory: Path, card: dict[str, Any]) -> None:
        keyed = [(slot, str(key), weight) for slot, table in enumerate(self.tables) for key, weight in table.items()]
        words = sorted(self.words)
        arrays: artifact.Arrays = {
            "keys": artifact.packed_words([key for _, key, _ in keyed]),
            "slots": np.array([slot for slot, _, _ in keyed], np.uint8),
            "weights": np.array([weight for _, _, weight in keyed], np.float16),
            "words": artifact.packed_words(words),
            "person": np.array([self.words[word].real for word in words], np.float16),
            "working": np.array([self.words[word].imag for word in words], np.float16),
            "common": artifact.packed_words(sorted(self.common)),
            "bias": np.array([self.bias.real, self.bias.imag], np.float32),
        }
        artifact.write(directory, arrays, {"features_version": FEATURES_VERSION} | card)
