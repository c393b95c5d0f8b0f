"""The tagger: two linear models over one reading of the text.

`person` judges a candidate: its own features and the words of the whole text. `working` judges the text alone: is it
somebody's real work (a letter, a report, a record) in which any name of a firm, a place or a person tells something, or
is it a question, a riddle, an article? Scores are logits; above 0 the answer is yes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

from router.artifact import shipped
from router.sensitivity.lexicon import read
from router.sensitivity.tagger.candidates import (
    Candidate,
    Run,
    candidates,
    each_run,
    heading,
    holds_any,
    lower_candidates,
    runs,
)
from router.sensitivity.tagger.features import MARK_KINDS, MARKS, document_marks, document_words, sight, word_flags
from router.sensitivity.tagger.parameters import Parameters
from router.sensitivity.tagger.weights import Weights

SHIPPED = shipped("router.sensitivity.tagger", "artifact")
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
_BETWEEN = "\0"  # stands between texts that were joined
_new = tuple.__new__  # a NamedTuple's own constructor costs twice as much
_LOCATIVE = (" in ", " of ", " near ", " en ", " nach ", " aus ")
_EXEMPLARY = (" e.g. ", " e.g., ", "(e.g. ", " z.B. ", " p. ej. ", " par ex. ")
_FIRST, _AMBIGUOUS, _SURNAME, _FAMOUS, _PLACE = 1, 2, 4, 16, 128  # of `word_flags`


Weight = Any
"""A complex number: what a word says for a person, and for a working text. Its own name would not compile."""

Words = tuple[int, Weight]
"""How many common words a text holds, and their weight."""


class Document(NamedTuple):
    """What the text as a whole says: logits."""

    person: float
    working: float


@dataclass(frozen=True, slots=True)
class Tagger:
    """What it knows of words: their weights, which lists they are on, which are common, no names, only first names."""

    weights: Weights
    words: dict[str, Weight]  # of every common one
    marks: tuple[Weight, ...]
    bias: Weight
    ceiling: float  # what a text without words can add to `Document.person`, at most
    common: frozenset[str]
    plain: frozenset[str]
    given: frozenset[str]
    flags: dict[str, int]

    @classmethod
    def shipped(cls) -> Self:
        return cls.load(SHIPPED)

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Raises `artifact.ArtifactError`."""
        return cls.of(Parameters.read(directory))

    @classmethod
    def of(cls, parameters: Parameters) -> Self:
        known, plain, given, flags = vocabulary(parameters.common)
        weight = parameters.words.get
        return cls(
            Weights.of(parameters.tables),
            {word: weight(word, 0j) for word in known},
            tuple(weight(mark, 0j) for mark in MARKS),
            parameters.bias,
            parameters.bias.real + sum(max(weight(mark, 0j).real for mark in kind) for kind in MARK_KINDS),
            *(known, plain, given, flags),
        )

    def glance(self, text: str, parts: Iterable[str]) -> list[Run]:
        """Where there may be candidates: runs of capitalised words, and the beginnings of texts without any capital
        that hold a first name. `text` is that of all `parts`, which are joined with NUL between them."""
        found = runs(text, self.plain)
        for part in parts:
            if part.islower() and (not part.isalpha() or part in self.given):
                found.extend(self._beginnings(text))
                found.sort()
                break
        return found

    def each_glimpse(self, text: str) -> Iterator[Run]:
        """`glance` at one text, one at a time: who asks may have had enough."""
        return self._beginnings(text) if text.islower() else each_run(text, self.plain)

    def _beginnings(self, text: str) -> Iterator[Run]:
        start = 0
        for part in text.split(_BETWEEN):
            if part.islower() and holds_any(self.given, part):
                yield start, ""
            start += len(part) + len(_BETWEEN)

    def candidates(self, text: str) -> Iterator[Candidate]:
        """One at a time: who asks may have had enough."""
        if text.islower():
            return lower_candidates(text, self.given, self.common)
        return candidates(text, self.plain)

    def heading(self, text: str, candidate: Candidate) -> bool:
        """Whether `text`, which holds the candidate, has only common words in capitals."""
        first = candidate[2][0]
        return (not first.isalpha() or len(first) < 2 or first in self.plain) and heading(text, self.plain)

    def words_in(self, data: bytes) -> Words:
        words = self.common.intersection(document_words(data))
        return len(words), sum(map(self.words.__getitem__, words), 0j)

    def document(self, text: str, data: bytes, count: int, words: Words) -> Document:
        """`count`: how many candidates the text holds."""
        size, total = words
        marks = document_marks(text, data, count)
        total += sum(map(self.marks.__getitem__, marks))
        size += len(marks)
        # Long texts hold more words of either kind: `working` counts their share, `person` their number.
        working = self.bias.imag + total.imag / size**0.5 if size >= LEAST else _NO
        return _new(Document, (self.bias.real + total.real, working))

    def placed(self, text: str, candidate: Candidate) -> bool:
        """Whether it is a place, and nothing else, where something is: no person."""
        start, _, words = candidate
        if len(words) != 1:
            return False
        flags = self.flags.get(words[0], 0)
        return (flags == _PLACE and text.endswith(_LOCATIVE, 0, start)) or (
            flags & _PLACE != 0 and text.endswith(_EXEMPLARY, 0, start)
        )

    def telling(self, candidate: Candidate) -> bool:
        """Whether a name says anything in a working text: a country, a celebrity, a bare first name do not."""
        words = candidate[2]
        flags = self.flags.get(words[-1], 0)
        if flags & _FAMOUS:
            return False
        if len(words) == 1 and (flags & (_FIRST | _PLACE) or words[0].endswith(_ENDINGS)):
            return False
        return not all(word in self.common or self.flags.get(word, 0) & _PLACE for word in words)

    def famous(self, candidate: Candidate) -> bool:
        """Whether it ends in the name of a public figure or a character."""
        flags = self.flags.get(candidate.words[-1], 0)
        return bool(flags & _FAMOUS)

    def is_called(self, candidate: Candidate) -> bool:
        """Whether somebody is known to be called so: one of the words is a first name or a surname."""
        return any(self.flags.get(word, 0) & (_FIRST | _SURNAME) for word in candidate.words)

    def person(self, text: str, lower: str, candidate: Candidate) -> float:
        """What the candidate itself adds to `Document.person`."""
        return self.weights.score(sight(text, lower, candidate, self.flags), self.common)


def vocabulary(
    common: Iterable[str],
) -> tuple[frozenset[str], frozenset[str], frozenset[str], dict[str, int]]:
    """What a `Tagger` knows of words.

    Common words; those of them that are no name by themselves; first names that are no common word; and which lists
    know which word.
    """
    flags = word_flags()
    names = frozenset(word for word, flag in flags.items() if flag & _FIRST and not flag & _AMBIGUOUS)
    listed, _ = read("plain")  # what was added to the list since the weights were fitted counts at once
    words = frozenset(common).union(listed - names)
    plain = words if words.isdisjoint(names) else words - names
    given = frozenset(word for word in names - words if len(word) > 2)
    return words, plain, given, flags
