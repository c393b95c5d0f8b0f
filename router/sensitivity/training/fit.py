"""The fit: logistic regression, and figures on texts whose templates or sources it has not seen."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from router.sensitivity.lexicon import read
from router.sensitivity.tagger.candidates import Candidate
from router.sensitivity.tagger.features import MARKS, SLOTS, document_marks, document_words, features
from router.sensitivity.tagger.model import LEAST, Tagger, vocabulary
from router.sensitivity.tagger.parameters import Parameters
from router.sensitivity.training.rows import SHIPPABLE, Row
from router.sensitivity.view import View, view_of

FOLDS = 5
_WORD = re.compile(r"(?<![A-Za-z])[a-z]{1,14}(?![A-Za-z])")
_COMMON_FROM = 4  # templates or rows that hold a word in lower case before it counts as common
_FEATURE_FROM, _WORD_FROM, _WORKING_FROM = 3, 6, 8  # occurrences before a feature gets a weight
_PERSON_C, _WORKING_C = 0.5, 0.5  # inverse strength of the ridge
_WORD_SCALE = 0.6  # words of the text count less than what stands beside the name
_WORKING_SCALE = 3.0
_REAL_WEIGHT = 6.0  # a real prompt against a harmless one
_SMALLEST = 0.01  # weights below are left out of the artifact

Floats = NDArray[np.float64]


def shippable(row: Row) -> bool:
    """May weights that ship learn from it?"""
    return row.source in SHIPPABLE or row.source.startswith(("own-", "routing-"))


@dataclass(frozen=True, slots=True)
class Reading:
    """A row as the tagger sees it."""

    row: Row
    view: View
    candidates: tuple[Candidate, ...]
    features: tuple[tuple[str | int, ...], ...]
    labels: tuple[bool, ...]
    words: tuple[str, ...]
    marks: tuple[str, ...]
    telling: bool


def common_words(rows: Iterable[Row]) -> frozenset[str]:
    groups: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if shippable(row) and not row.text.islower():
            for word in set(_WORD.findall(view_of(row.text).text)):
                groups[word].add(row.group)
    common = frozenset(word for word, seen in groups.items() if len(seen) >= _COMMON_FROM) | read("plain")[0]
    known, _, flags = vocabulary(common)
    return frozenset(word for word in common if word in known and not (flags.get(word, 0) & 4 and not flags[word] & 8))


def readings(rows: Iterable[Row], common: frozenset[str]) -> list[Reading]:
    blank = Tagger.of(Parameters(tuple({} for _ in range(SLOTS)), {}, 0j, common))
    return [_reading(row, blank) for row in rows]


def _reading(row: Row, blank: Tagger) -> Reading:
    view = view_of(row.text)
    found = tuple(blank.candidates(view.text))
    values = tuple(features(view.text, view.lower, candidate, blank.flags, blank.words) for candidate in found)
    labels = tuple(_labelled(view, candidate, row.spans) for candidate in found)
    words = tuple(blank.words.keys() & document_words(view.data))
    return Reading(
        row,
        view,
        found,
        values,
        labels,
        words,
        tuple(MARKS[mark] for mark in document_marks(view.text, view.data, len(found))),
        any(map(blank.telling, found)),
    )


def _labelled(view: View, candidate: Candidate, spans: Sequence[tuple[int, int]]) -> bool:
    start, end = view.original(candidate.start, candidate.end)
    return any(first < end and start < last for first, last in spans)


def fold(row: Row, number: int, by_source: bool) -> int:
    """Rows of a template stay together; prompts of real users, which have none, by source or one by one."""
    if row.kind == "real":
        return ("pupa_new", "pupa_tnb").index(row.source) if by_source else number % FOLDS
    return int(hashlib.sha256(row.group.encode()).hexdigest(), 16) % FOLDS


class _Matrix:
    """A sparse design in the making."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.columns: list[int] = []
        self.values: list[float] = []
        self.size = 0

    def add(self, columns: Sequence[int], values: Sequence[float]) -> None:
        self.rows.extend([self.size] * len(columns))
        self.columns.extend(columns)
        self.values.extend(values)
        self.size += 1

    def sparse(self, width: int) -> Any:
        return sp.csr_matrix((self.values, (self.rows, self.columns)), shape=(self.size, width))


class PersonDesign:
    """Candidates of all texts but those of real users, whose labels mix persons with all else."""

    def __init__(self, texts: Sequence[Reading]) -> None:
        counts: Counter[tuple[int, str | int]] = Counter()
        words: Counter[str] = Counter()
        for text in texts:
            if shippable(text.row) and text.row.kind != "real":
                words.update((*text.words, *text.marks))
                for values in text.features:
                    counts.update(enumerate(values))
        self.keys = [key for key, count in counts.items() if count >= _FEATURE_FROM]
        self.words = [word for word, count in words.items() if count >= _WORD_FROM]
        columns = {key: column for column, key in enumerate(self.keys)}
        word_columns = {word: len(self.keys) + column for column, word in enumerate(self.words)}
        matrix, labels, weights, owners = _Matrix(), list[bool](), list[float](), list[int]()
        for number, text in enumerate(texts):
            shared = [word_columns[word] for word in (*text.words, *text.marks) if word in word_columns]
            for values, label in zip(text.features, text.labels, strict=True):
                own = [columns[key] for key in enumerate(values) if key in columns]
                matrix.add(own + shared, [1.0] * len(own) + [_WORD_SCALE] * len(shared))
                labels.append(label)
                weights.append(min(1.0, 3.0 / len(text.candidates)))
                owners.append(number)
        self.x = matrix.sparse(len(self.keys) + len(self.words))
        self.y, self.weights, self.owners = np.array(labels), np.array(weights), np.array(owners)
        self.usable = np.array([shippable(texts[owner].row) and texts[owner].row.kind != "real" for owner in owners])

    def fitted(self, chosen: NDArray[np.bool_]) -> Any:
        model = LogisticRegression(C=_PERSON_C, solver="liblinear")
        return model.fit(self.x[chosen], self.y[chosen], sample_weight=self.weights[chosen])


class WorkingDesign:
    """Texts of real users against harmless ones."""

    def __init__(self, texts: Sequence[Reading]) -> None:
        counts = Counter(word for text in texts if _contrasted(text) for word in (*text.words, *text.marks))
        self.words = [word for word, count in counts.items() if count >= _WORKING_FROM]
        columns = {word: column for column, word in enumerate(self.words)}
        matrix = _Matrix()
        for text in texts:
            own = [columns[word] for word in (*text.words, *text.marks) if word in columns]
            scale = _WORKING_SCALE / (len(text.words) + len(text.marks)) ** 0.5
            matrix.add(own, [scale] * len(own))
        self.x = matrix.sparse(len(self.words))
        self.y = np.array([text.row.kind == "real" for text in texts])
        self.weights = np.where(self.y, _REAL_WEIGHT, 1.0)
        self.usable = np.array([_contrasted(text) for text in texts])

    def fitted(self, chosen: NDArray[np.bool_]) -> Any:
        model = LogisticRegression(C=_WORKING_C, solver="liblinear")
        return model.fit(self.x[chosen], self.y[chosen], sample_weight=self.weights[chosen])


def _contrasted(text: Reading) -> bool:
    return shippable(text.row) and text.row.kind != "person"


def held_out(texts: Sequence[Reading], by_source: bool) -> tuple[Floats, Floats]:
    """The best score of each text under models that saw neither its template nor (`by_source`) its source.

    Logits of either model; minus infinity where there is no candidate.
    """
    person_design, working_design = PersonDesign(texts), WorkingDesign(texts)
    folds = np.array([fold(text.row, number, by_source) for number, text in enumerate(texts)])
    person, working = np.full(len(texts), -np.inf), np.full(len(texts), -np.inf)
    for number in range(FOLDS):
        model = person_design.fitted(person_design.usable & (folds[person_design.owners] != number))
        scores = model.decision_function(person_design.x)
        left_out = folds[person_design.owners] == number
        np.maximum.at(person, person_design.owners[left_out], scores[left_out])
        model = working_design.fitted(working_design.usable & (folds != number))
        scores = model.decision_function(working_design.x)
        working = np.where(folds == number, scores, working)
    silent = np.array([not text.telling or len(text.words) + len(text.marks) < LEAST for text in texts])
    return person, np.where(silent, -np.inf, working)


def fitted(texts: Sequence[Reading], common: frozenset[str], thresholds: tuple[float, float]) -> Parameters:
    """Those of the model that ships. `thresholds` are the logits over which `person` and `working` say yes."""
    person_design, working_design = PersonDesign(texts), WorkingDesign(texts)
    person = person_design.fitted(person_design.usable)
    working = working_design.fitted(working_design.usable)
    weights = person.coef_[0]
    tables: tuple[dict[str | int, float], ...] = tuple({} for _ in range(SLOTS))
    for (slot, value), weight in zip(person_design.keys, weights[: len(person_design.keys)], strict=True):
        if abs(weight) >= _SMALLEST:
            tables[slot][value] = float(weight)
    words: dict[str, complex] = {}
    for word, weight in zip(person_design.words, weights[len(person_design.keys) :] * _WORD_SCALE, strict=True):
        words[word] = complex(weight)
    for word, weight in zip(working_design.words, working.coef_[0] * _WORKING_SCALE, strict=True):
        words[word] = words.get(word, 0j) + complex(0.0, weight)
    bias = complex(person.intercept_[0] - thresholds[0], working.intercept_[0] - thresholds[1])
    kept = {word: weight for word, weight in words.items() if abs(weight) >= _SMALLEST}
    return Parameters(tables, kept, bias, common)
