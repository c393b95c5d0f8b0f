"""The background: some two thousand other prompts, as numbers, that every domain has to be told from.

An artifact (`bench/specialist_background.py` makes it). No text is in it, and of the words only hashes of those that
several prompts or the word vectors have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from router import artifact
from router.artifact import Artifact, ArtifactError
from router.difficulty import vectors
from router.difficulty.parts import StructurePart
from router.difficulty.structure import STRUCTURE_NAMES, structure_of
from router.difficulty.vectors import DIMENSIONS, KEY_BITS, WordVectors
from router.specialists.prompt import Prompt

Floats = NDArray[np.float64]

FORMAT = "tidegate-specialist-background"
SHIPPED = artifact.shipped("router.specialists", "artifact")
KEYS = 1 << KEY_BITS
# What a prompt looks like, where examples and requests can be compared: examples have no system prompt and no tools,
# and cue words are words already.
COMPARED = np.array(
    [not name.startswith(("cue_", "has_")) and name not in ("system", "tools", "turns") for name in STRUCTURE_NAMES]
)
_SHRINK_MEANING, _SHRINK_LOOKS = 0.3, 1.0
_LEAST_SCALE = 0.01
_LEAST_PROMPTS = 2  # that have a word; one that only one has says nothing, and might be a name


@dataclass(frozen=True, slots=True)
class Matrix:
    """A row per prompt, their mean, and the covariance with a part of the mean variance added (`shrink`)."""

    rows: Floats
    mean: Floats
    covariance: Floats

    @classmethod
    def of(cls, rows: Floats, shrink: float) -> Self:
        mean, size = rows.mean(0), rows.shape[1]
        away = rows - mean
        covariance = away.T @ away / (len(rows) - 1)
        return cls(rows, mean, covariance + shrink * np.trace(covariance) / size * np.eye(size))


@dataclass(frozen=True, slots=True)
class Background:
    """`keys`: those of all prompts, one prompt after the other, each beginning at one of `starts`. `lengths`: of each
    prompt, as in `Prompt`. `structure`: a row per prompt. What every fit wants of it is computed once.
    """

    keys: NDArray[np.int64]
    starts: NDArray[np.intp]
    lengths: Floats
    structure: Floats
    words: WordVectors
    card: dict[str, Any]
    occurrences: Floats = field(init=False, repr=False, compare=False)  # key → how many prompts have it
    scaling: StructurePart = field(init=False, repr=False, compare=False)  # how structural numbers are standardised
    meaning: Matrix = field(init=False, repr=False, compare=False)
    looks: Matrix = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        put = partial(object.__setattr__, self)
        put("occurrences", np.bincount(self.keys, minlength=KEYS).astype(np.float64))
        scale = self.structure.std(0) + _LEAST_SCALE
        ones = np.ones(scale.size, np.float32)
        put("scaling", StructurePart(ones, self.structure.mean(0).astype(np.float32), scale.astype(np.float32)))
        sums = np.add.reduceat(vectors_of(self.words, self.keys), self.starts, 0)
        put("meaning", Matrix.of(sums / self.lengths[:, None], _SHRINK_MEANING))
        put("looks", Matrix.of(self.looks_of(self.structure), _SHRINK_LOOKS))

    def looks_of(self, structure: Floats) -> Floats:
        """The structural numbers that can be compared, standardised; a row per prompt."""
        out: Floats = self.scaling.standard(structure.astype(np.float32))[:, COMPARED].astype(np.float64)
        return out

    @property
    def count(self) -> int:
        return self.starts.size

    def sums(self, values: Floats) -> Floats:
        """Of each prompt the sum of `values` (one per key) over its words, by its length."""
        out: Floats = np.add.reduceat(values[self.keys], self.starts) / self.lengths
        return out

    def meaning_of(self, prompt: Prompt) -> Floats:
        """The sum of its words' vectors, by its length."""
        out: Floats = vectors_of(self.words, prompt.keys).sum(0) / prompt.length
        return out

    @classmethod
    def of(cls, prompts: Sequence[Prompt], words: WordVectors, card: dict[str, Any] | None = None) -> Self:
        """Leaves out the words that only one prompt has and the vectors do not know, and prompts of no other."""
        seen = np.bincount(np.concatenate([prompt.keys for prompt in prompts]), minlength=KEYS)
        kept = seen >= _LEAST_PROMPTS
        kept[words.keys] = True
        keys = [np.sort(prompt.keys[kept[prompt.keys]]) for prompt in prompts]
        used = [place for place, mine in enumerate(keys) if mine.size]
        sizes = np.array([keys[place].size for place in used])
        return cls(
            np.concatenate([keys[place] for place in used]),
            np.concatenate([[0], np.cumsum(sizes)[:-1]]),
            np.array([prompts[place].length for place in used]),
            np.stack([structure_of(prompts[place].counts) for place in used]).astype(np.float64),
            words,
            card or {},
        )

    def save(self, directory: Path) -> None:
        arrays: dict[str, NDArray[np.generic]] = {
            "keys": self.keys.astype(np.uint32),
            "starts": self.starts.astype(np.uint32),
            "lengths": self.lengths.astype(np.float32),
            "structure": self.structure.astype(np.float16),
        }
        card = {**self.card, "word_vectors": self.words.sha256, "structure": list(STRUCTURE_NAMES)}
        artifact.write(directory, Artifact(arrays, card), FORMAT)

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Raises `ArtifactError`."""
        stored, words = artifact.read(directory, FORMAT), vectors.shipped()
        arrays, card = stored.arrays, stored.card
        if card.get("word_vectors") != words.sha256 or card.get("structure") != list(STRUCTURE_NAMES):
            raise ArtifactError(f"{directory}: made for other word vectors or structural numbers: make it again")
        try:
            return cls(
                arrays["keys"].astype(np.int64),
                arrays["starts"].astype(np.intp),
                arrays["lengths"].astype(np.float64),
                arrays["structure"].astype(np.float64),
                words,
                card,
            )
        except KeyError as error:
            raise ArtifactError(f"{directory}: an array is missing: {error}") from error


def vectors_of(words: WordVectors, keys: NDArray[np.int64]) -> Floats:
    """A row per key; 0 for those that have no vector."""
    places = np.minimum(np.searchsorted(words.keys, keys), words.keys.size - 1)
    out = np.zeros((keys.size, DIMENSIONS))
    known = words.keys[places] == keys
    out[known] = words.table[words.rows[places[known]]]
    return out
