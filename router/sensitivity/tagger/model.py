"""The tagger: two linear models over one reading of the text.

`person` judges a candidate: its own features and the words of the whole text. `working` judges the text alone: is it
somebody's real work (a letter, a report, a record) in which any name of a firm, a place or a person tells something, or
is it a question, a riddle, an article? Scores are logits; above 0 the answer is yes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any, Self

import numpy as np

from router.sensitivity.tagger import artifact
from router.sensitivity.tagger.candidates import Candidate, candidates, lower_candidates
from router.sensitivity.tagger.features import (
    FEATURES_VERSION,
    INTEGER_SLOTS,
    SLOTS,
    document_marks,
    document_words,
    features,
    word_flags,
)

SHIPPED = Path(__file__).parent / "artifact"
# Endings of verbs, adverbs and abstract nouns: what else begins a sentence, in the languages served.
_ENDINGS = (
    *(
        "ing",
        "ed",
        "ly",
        "tion",
        "tions",
        "ment",
        "ments",
        "ness",
        "able",
        "'m",
        "'ve",
        "'ll",
        "'re",
        "'d",
        "n't",
        "ity",
    ),
    *("ez", "ung", "ungen", "heit", "keit", "schaft", "lich", "isch", "cion", "dad", "mente", "-toi", "-moi", "-vous"),
)
LEAST = 18  # common words and marks: with fewer, nobody can say what kind of text it is
_NO = -9.0  # logit
_LOWER_WORD = re.compile(r"[a-z]{3,}")
_CAPITALISED = re.compile(r"(?<![A-Za-z])[A-Z][A-Za-z]++")
_FIRST, _AMBIGUOUS, _FAMOUS, _PLACE = 1, 2, 16, 128  # of `word_flags`


@dataclass(frozen=True, slots=True)
class Document:
    """What the text as a whole says: logits."""

    person: float
    working: float


@dataclass(frozen=True, slots=True)
class Tagger:
    """Weights by slot and value; weights of the words of a text.

    `words` and `bias` hold the weight for `person` as the real and that for `working` as the imaginary part, so that
    one pass in C adds up both.
    """

    tables: tuple[dict[str | int, float], ...]
    words: dict[str, complex]
    bias: complex
    common: frozenset[str]
    plain: frozenset[str]
    shown: frozenset[str]
    given: frozenset[str]
    flags: dict[str, int]

    @classmethod
    def shipped(cls) -> Self:
        return cls.load(SHIPPED)

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Raises `artifact.ArtifactError`."""
        arrays = artifact.read(directory, FEATURES_VERSION)
        keys, slots, weights = artifact.unpacked_words(arrays["keys"]), arrays["slots"], arrays["weights"].tolist()
        tables: tuple[dict[str | int, float], ...] = tuple({} for _ in range(SLOTS))
        for key, slot, weight in zip(keys, slots.tolist(), weights, strict=True):
            tables[slot][int(key) if slot < INTEGER_SLOTS else key] = weight
        words = artifact.unpacked_words(arrays["words"])
        pairs = zip(words, arrays["person"].tolist(), arrays["working"].tolist(), strict=True)
        return cls(
            tables,
            {word: complex(person, working) for word, person, working in pairs},
            complex(*arrays["bias"].tolist()),
            *vocabulary(artifact.unpacked_words(arrays["common"])),
        )

    def save(self, directory: Path, card: dict[str, Any]) -> None:
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

    def glance(self, text: str) -> bool:
        """Whether there may be a candidate: a capitalised word that is not `plain`, or a first name in lower case."""
        if not self.shown.issuperset(_CAPITALISED.findall(text)):
            return True
        # Only a text without any capital is searched for these; of texts that were joined, one may be such.
        return ("\0" in text or text.islower()) and not self.given.isdisjoint(_LOWER_WORD.findall(text))

    def candidates(self, text: str) -> Iterator[Candidate]:
        """One at a time: who asks may have had enough."""
        if text.islower():
            return lower_candidates(text, self.given, self.common)
        return candidates(text, self.plain)

    def document(self, text: str, data: bytes, count: int) -> Document:
        """`count`: how many candidates the text holds."""
        words = document_words(data) & self.common
        words.update(document_marks(text, data, count))
        total = sum(map(self.words.get, words, repeat(0j)), 0j)
        # Long texts hold more words of either kind: `working` counts their share, `person` their number.
        working = self.bias.imag + total.imag / len(words) ** 0.5 if len(words) >= LEAST else _NO
        return Document(self.bias.real + total.real, working)

    def telling(self, candidate: Candidate) -> bool:
        """Whether a name says anything in a working text: a country, a celebrity, a bare first name do not."""
        words = candidate.words
        if self.famous(candidate):
            return False
        if len(words) == 1 and (self.flags.get(words[0], 0) & _FIRST or words[0].endswith(_ENDINGS)):
            return False
        return not all(word in self.common or self.flags.get(word, 0) & _PLACE for word in words)

    def famous(self, candidate: Candidate) -> bool:
        """Whether it ends in the name of a public figure or a character."""
        flags = self.flags.get(candidate.words[-1], 0)
        return bool(flags & _FAMOUS)

    def person(self, text: str, lower: str, candidate: Candidate) -> float:
        """What the candidate itself adds to `Document.person`."""
        values = features(text, lower, candidate, self.flags, self.common)
        return sum(map(dict.get, self.tables, values, repeat(0.0)))


def vocabulary(
    common: Iterable[str],
) -> tuple[frozenset[str], frozenset[str], frozenset[str], frozenset[str], dict[str, int]]:
    """What a `Tagger` knows of words.

    Common words; those of them that are no name by themselves; the same as they stand at a sentence's start or in
    capitals; first names that are no common word; and which lists know which word.
    """
    flags = word_flags()
    words = frozenset(common)
    names = frozenset(word for word, flag in flags.items() if flag & _FIRST and not flag & _AMBIGUOUS)
    plain = words - names
    shown = frozenset(form for word in plain for form in (word.capitalize(), word.upper()))
    given = frozenset(word for word in names - words if len(word) > 2)
    return words, plain, shown, given, flags
