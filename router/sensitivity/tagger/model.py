"""The tagger: two linear models over one reading of the text.

`person` judges a candidate: its own features and the words of the whole text. `working` judges the text alone: is it
somebody's real work (a letter, a report, a record) in which any name of a firm, a place or a person tells something, or
is it a question, a riddle, an article? Scores are logits; above 0 the answer is yes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, Self

from router.artifact import ArtifactError, shipped
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
from router.sensitivity.tagger.features import MARKS, around, document_marks, document_words, looks, word_flags
from router.sensitivity.tagger.packed import fit, pack, parts, unpack
from router.sensitivity.tagger.parameters import Parameters
from router.sensitivity.tagger.weights import Weights

SHIPPED: Final = shipped("router.sensitivity.tagger", "artifact")
# Endings of verbs, adverbs and abstract nouns: what else begins a sentence, in the languages served.
_ENDINGS: Final[tuple[str, ...]] = (
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
LEAST: Final = 18  # common words and marks: with fewer, nobody can say what kind of text it is
NO: Final = -9.0  # logit
_FAME: Final = 3.0  # logit; a whole name that ends like a celebrity's needs more to be a private person's
# Logit; as if what stands around a candidate added no more. It seldom does, and of 21,000 names in the texts of the
# training and in those that were held out of it, none needs it to.
_AROUND: Final = 5.0
_BETWEEN: Final = "\0"  # stands between texts that were joined
_new: Final = tuple.__new__  # a NamedTuple's own constructor costs twice as much
_LOCATIVE: Final[tuple[str, ...]] = (
    " in ",
    " of ",
    " near ",
    " from ",
    " to ",
    " the ",
    " across ",
    " en ",
    " nach ",
    " aus ",
    " dans ",
    " desde ",
)
_EXEMPLARY: Final[tuple[str, ...]] = (" e.g. ", " e.g., ", "(e.g. ", " z.B. ", " p. ej. ", " par ex. ")
# Of `word_flags`.
_FIRST: Final = 1
_AMBIGUOUS: Final = 2
_SURNAME: Final = 4
_FAMOUS: Final = 16
_PLACE: Final = 128


class Document(NamedTuple):
    """What the text as a whole says: logits."""

    person: float
    working: float


@dataclass(frozen=True, slots=True)
class Tagger:
    """What it knows of words: their weights, which lists they are on, which are common and no names, which only first
    names."""

    weights: Weights
    words: dict[str, int]  # the common ones, with what each adds to a text, packed
    marks: tuple[int, ...]
    bias: tuple[float, float]
    given: frozenset[str]
    flags: dict[str, int]

    @classmethod
    def shipped(cls) -> Self:
        return cls.load(SHIPPED)

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Raises `ArtifactError`."""
        return cls.of(Parameters.read(directory))

    @classmethod
    def of(cls, parameters: Parameters) -> Self:
        """Raises `ArtifactError`."""
        common, given, flags = vocabulary(parameters.common)
        weights = parameters.words
        words = {word: pack(*parts(weights.get(word, 0.0))) for word in common}
        marks = [parts(weights.get(mark, 0.0)) for mark in MARKS]
        if not fit([parts(weight) for weight in weights.values()], len(words) + len(marks)):
            raise ArtifactError("the weights of words are too many or too large")
        return cls(
            Weights.of(parameters.tables),
            words,
            tuple(pack(person, working) for person, working in marks),
            parts(parameters.bias),
            given,
            flags,
        )

    def glance(self, text: str, parts: Iterable[str]) -> list[Run]:
        """Where there may be candidates: runs of capitalised words, and the beginnings of texts without any capital
        that hold a first name. `text` is that of all `parts`, which are joined with NUL between them."""
        found = runs(text, self.words)
        for part in parts:
            if part.islower() and (not part.isalpha() or part in self.given):
                found.extend(self._beginnings(text))
                found.sort()
                break
        return found

    def each_glimpse(self, text: str) -> Iterator[Run]:
        """`glance` at one text, one at a time: who asks may have had enough."""
        return self._beginnings(text) if text.islower() else each_run(text, self.words)

    def _beginnings(self, text: str) -> Iterator[Run]:
        start = 0
        for part in text.split(_BETWEEN):
            if part.islower() and holds_any(self.given, part):
                yield start, ""
            start += len(part) + len(_BETWEEN)

    def candidates(self, text: str) -> Iterator[Candidate]:
        """One at a time: who asks may have had enough."""
        if text.islower():
            return lower_candidates(text, self.given, self.words)
        return candidates(text, self.words)

    def heading(self, text: str, candidate: Candidate) -> bool:
        """Whether `text`, which holds the candidate, has only common words in capitals."""
        first = candidate[2][0]
        return (not first.isalpha() or len(first) < 2 or first in self.words) and heading(text, self.words)

    def document(self, text: str, data: bytes, count: int) -> Document:
        """`count`: how many candidates the text holds."""
        words = self.words
        seen = words.keys() & document_words(data)
        marks = document_marks(text, data, count)
        total = sum(map(words.__getitem__, seen), sum(map(self.marks.__getitem__, marks)))
        size, person, working = unpack(total)
        # Long texts hold more words of either kind: `working` counts their share, `person` their number.
        of_person, of_working = self.bias
        of_working = of_working + working / size**0.5 if size >= LEAST else NO
        return _new(Document, (of_person + person, of_working))

    def unsettled(self, text: str, candidates: Iterable[Candidate]) -> list[Candidate]:
        """All but those that are `settled`."""
        return [each for each in candidates if not self.settled(text, each[0], each[2])]

    def settled(self, text: str, start: int, words: Sequence[str]) -> bool:
        """Whether they are no person whatever else stands around them: a place where something is, a public figure."""
        flags = self.flags.get(words[-1], 0)
        if flags & _FAMOUS:
            # "Curie", "Marie Curie" and "Sherlock Holmes", but neither "Holmes" nor "Nancy Holmes".
            return not flags & (_FIRST | _SURNAME) or (
                len(words) > 1 and self.flags.get(words[0], 0) & (_FAMOUS | _FIRST) == _FAMOUS
            )
        if not flags & _PLACE or len(words) > 1:
            return False
        return (flags == _PLACE and text.endswith(_LOCATIVE, 0, start)) or text.endswith(_EXEMPLARY, 0, start)

    def telling(self, candidate: Candidate) -> bool:
        """Whether a name says anything in a working text: a country, a celebrity, a bare first name do not."""
        words = candidate[2]
        flags = self.flags.get(words[-1], 0)
        if flags & _FAMOUS:
            return False
        if len(words) == 1 and (flags & (_FIRST | _PLACE) or words[0].endswith(_ENDINGS)):
            return False
        return not all(word in self.words or self.flags.get(word, 0) & _PLACE for word in words)

    def is_called(self, candidate: Candidate) -> bool:
        """Whether somebody is known to be called so: one of the words is a first name or a surname."""
        return any(self.flags.get(word, 0) & (_FIRST | _SURNAME) for word in candidate.words)

    def person(self, text: str, lower: str, candidate: Candidate, document: float) -> float:
        """Whether it is a private person: a logit over 0, or `NO`. `document`: `Document.person`."""
        weights = self.weights
        seen = looks(text, candidate, self.flags)
        logit = document + weights.own(seen, self.words)
        least = _FAME if seen[0] > 1 and seen[2] & _FAMOUS else 0.0
        if logit + weights.most(seen) + _AROUND <= least:
            return NO
        logit = weights.score(seen, logit, around(lower, candidate.start, candidate.end))
        return logit if logit > least else NO


def vocabulary(common: Iterable[str]) -> tuple[frozenset[str], frozenset[str], dict[str, int]]:
    """What a `Tagger` knows of words: common ones, that are no name by themselves; first names that are no common word;
    and which lists know which word.
    """
    flags = word_flags()
    names = frozenset(word for word, flag in flags.items() if flag & _FIRST and not flag & _AMBIGUOUS)
    listed, _ = read("plain")  # what was added to the list since the weights were fitted counts at once
    words = frozenset(common).union(listed) - names
    return words, frozenset(word for word in names if len(word) > 2), flags
