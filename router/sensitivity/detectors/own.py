"""Own terms: the words and patterns that the operator has declared sensitive, each under a type of its own.

Terms are whole words whatever their case, accents or the blanks in them; patterns are RE2 over the folded text. Both
are read wherever everything else is, so a term in base64, set apart or in look-alike letters is found as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import re2

from router.content import Segment
from router.sensitivity.budget import Budget
from router.sensitivity.detector import Span
from router.sensitivity.patterns import Pattern, PatternSet, compiled
from router.sensitivity.view import View, fold, view_of

LONGEST_TERM = 200  # characters
LONGEST_PATTERN = 1_000  # characters
MOST_TERMS = 20_000
_MEMORY = 1 << 20  # bytes, and as many for every character of a term as follow
_MEMORY_A_CHARACTER = 256
_CONFIDENCE = 0.95
_BLANKS = re.compile(r"[\s_-]+")
_UNKNOWN = "?"  # what folds to no ASCII: such a term is looked for as it stands
_NUL = "\0"


class OwnType(NamedTuple):
    """A type of the operator's, and what is of it."""

    name: str
    terms: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()


def wrong_term(term: str) -> str:
    """What keeps a text from being a term, or nothing."""
    if len(term) > LONGEST_TERM:
        return f"is longer than {LONGEST_TERM} characters"
    if sum(char.isalnum() for char in term) < 2:
        return "has fewer than two letters or digits, and would be found everywhere"
    return ""


def wrong_pattern(pattern: str) -> str:
    """What keeps a text from being a pattern, or nothing."""
    if len(pattern) > LONGEST_PATTERN:
        return f"is longer than {LONGEST_PATTERN} characters"
    if not pattern.isascii():
        return "has letters that are no ASCII; text is read without accents, so it would never match"
    try:
        expression = compiled(pattern, _MEMORY)
    except re2.error as error:
        said = error.args[0].decode("ascii", "replace") if isinstance(error.args[0], bytes) else str(error.args[0])
        return f"is no RE2 pattern: {said}"
    if expression.search(b"") is not None:
        return "matches the empty text, and so would be found everywhere"
    return ""


class OwnDetector:
    """Finds them all. Compiled once, when it is made."""

    name = "own_terms"
    triggers = ()

    def __init__(self, types: Sequence[OwnType]) -> None:
        """Raises `ValueError` for a term or pattern that is none."""
        self._terms: list[tuple[str, Pattern]] = []
        self._patterns: list[tuple[str, Pattern]] = []
        self._verbatim: list[tuple[str, tuple[str, ...]]] = []
        expressions: list[str] = []
        size = 0
        for own in types:
            if wrong := next(filter(None, (*map(wrong_term, own.terms), *map(wrong_pattern, own.patterns))), ""):
                raise ValueError(f"{own.name}: {wrong}")
            folded = {term: fold(term)[0].decode().lower() for term in own.terms}
            plain = [text for text in folded.values() if _UNKNOWN not in text]
            if plain:
                memory = _MEMORY + _MEMORY_A_CHARACTER * sum(map(len, plain))
                size += memory
                expressions.append(_any_of(plain))
                self._terms.append((own.name, Pattern(expressions[-1], memory)))
            if strange := tuple(term.casefold() for term, text in folded.items() if _UNKNOWN in text):
                self._verbatim.append((own.name, strange))
            self._patterns += [(own.name, Pattern(pattern, _MEMORY)) for pattern in own.patterns]
        self._term_set = PatternSet(expressions, _MEMORY + size)
        patterns = [pattern for own in types for pattern in own.patterns]
        self._pattern_set = PatternSet(patterns, _MEMORY * (1 + len(patterns)))

    def find_in(
        self, segments: Sequence[Segment], texts: Sequence[str], joined: str, budget: Budget
    ) -> Mapping[int, Sequence[Span]]:
        seen: dict[int, list[Span]] = {}
        if self._term_set.match(joined.lower().encode()) or self._pattern_set.match(joined.encode()):
            for index, text in enumerate(texts):
                if spans := list(self.find(view_of(text, budget=budget), ())):
                    seen[index] = spans
        for name, terms in self._verbatim:
            for index, segment in enumerate(segments):
                if spans := list(_verbatim(segment.text, terms, name)):
                    seen.setdefault(index, []).extend(spans)
        return seen

    def find(self, view: View, hits: Sequence[int]) -> Iterator[Span]:
        lower = view.lower.encode()
        for index in self._term_set.match(lower):
            name, pattern = self._terms[index]
            yield from _spans(view, lower, name, pattern)
        for index in self._pattern_set.match(view.data):
            name, pattern = self._patterns[index]
            for span in _spans(view, view.data, name, pattern):
                if not _inside_a_word(view.text, span.start, span.end):
                    yield span


def _any_of(terms: Sequence[str]) -> str:
    """Any of the terms as whole words, an English or German genitive or plural included."""
    written = ("[\\s_-]*".join(map(_quoted, _BLANKS.split(term.strip()))) for term in sorted(set(terms)))
    return rf"(?:^|[^a-z0-9])((?:{'|'.join(written)})(?:'?s)?)(?:[^a-z0-9]|$)"


def _quoted(text: str) -> str:
    return "".join(char if char.isalnum() else rf"\x{ord(char):02x}" for char in text)


def _spans(view: View, data: bytes, name: str, pattern: Pattern) -> Iterator[Span]:
    position, size = 0, len(data)
    view.budget.spend_pass(size)
    while position < size and (match := pattern.search(data, position, size)) is not None:
        view.budget.spend(2)
        _, _, start, end = match
        if end > start:
            yield Span(start, end, name, _CONFIDENCE)
        position = max(end, position + 1)


def _inside_a_word(text: str, start: int, end: int) -> bool:
    """Whether a match is a part of something longer."""
    before = start > 0 and text[start - 1].isalnum() and text[start].isalnum()
    return before or (end < len(text) and text[end].isalnum() and text[end - 1].isalnum())


def _verbatim(text: str, terms: Sequence[str], name: str) -> Iterator[Span]:
    """Terms of other scripts, as they stand. Where lower case has another length, offsets would not hold: the whole."""
    lower = text.casefold()
    for term in terms:
        position = 0
        while (start := lower.find(term, position)) >= 0:
            position = end = start + len(term)
            if len(lower) != len(text):
                yield Span(0, len(text), name, _CONFIDENCE)
                return
            if not (_cased(term) and _inside_a_word(lower, start, end)):
                yield Span(start, end, name, _CONFIDENCE)


def _cased(term: str) -> bool:
    """Whether its script has words with blanks between them, as those that know capitals have."""
    return term.upper() != term.lower()
