"""Names of private persons, told from names of the famous, of characters and of people in arithmetic problems.

Candidates are runs of capitalised words; the tagger judges them. In a text that is somebody's real work (a letter, a
report, a record), names of firms, places and products tell something too: those are `NAMED_ENTITY`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from math import exp

from router.sensitivity.detector import Span
from router.sensitivity.detectors import name_cues as cues
from router.sensitivity.tagger.candidates import Candidate, Run
from router.sensitivity.tagger.model import Document, Tagger
from router.sensitivity.view import View

_STEPS = 3  # of the budget, for one candidate
_TELLING = 3  # letters of a word that stands for a whole name elsewhere in the text
_FAME = 3.0  # logit; a whole name that ends like a celebrity's needs more to be a private person's
_SURE = 30.0  # logit; more cannot be told apart


@cache
def _tagger() -> Tagger:
    return Tagger.shipped()


class NameDetector:
    name = "names"
    triggers = (cues.STRONG_TRIGGER,)

    def __init__(self) -> None:
        self._tagger = _tagger()

    def glance(self, text: str) -> list[Run]:
        """Capitalised words that are no common ones."""
        return self._tagger.glance(text)

    def find(self, view: View, hits: Sequence[int]) -> Iterable[Span]:
        return self.find_at(view, hits, self._tagger.each_glimpse(view.text))

    def find_at(self, view: View, hits: Sequence[int], glimpses: Iterable[Run]) -> Iterable[Span]:
        if hits:
            return self._told(view, glimpses)
        return self._spans(view, glimpses, told=False)

    def _told(self, view: View, glimpses: Iterable[Run]) -> Iterator[Span]:
        """Where a word says that a name follows."""
        for start, end in cues.lower_case_names(view):
            yield Span(start, end, "PERSON", 0.6)
        yield from self._spans(view, glimpses, told=True)

    def _spans(self, view: View, glimpses: Iterable[Run], told: bool) -> Sequence[Span]:
        text, lower, shift = view.text, view.lower, 0
        if view.label:
            # `{"name": "…"}`: the field's name is what stands before the value.
            label = f"{view.label}: "
            text, lower, shift = label + text, label + lower, len(label)
        found = self._candidates(view, glimpses, told, text, shift)
        if not found:
            return ()
        spans = self._judged(text, lower, view.data, found)
        if shift:
            return [Span(start - shift, end - shift, kind, confidence) for start, end, kind, confidence in spans]
        return spans

    def _candidates(self, view: View, glimpses: Iterable[Run], told: bool, text: str, shift: int) -> list[Candidate]:
        tagger, spend = self._tagger, view.budget.spend
        found: list[Candidate] = []
        if text.islower():
            if told or any(glimpses):
                for candidate in tagger.candidates(text):
                    spend(_STEPS)
                    found.append(candidate)
            return found
        for start, run in glimpses:
            for candidate in tagger.candidates_in(run, start + shift):
                # With nothing unusual and no word that tells of a name, what has capitals is a heading.
                if not told and not tagger.unusual(candidate, view.text):
                    return found
                told = True
                spend(_STEPS)
                found.append(candidate)
        return found

    def _judged(self, text: str, lower: str, data: bytes, found: Sequence[Candidate]) -> Sequence[Span]:
        tagger = self._tagger
        likely: list[tuple[float, Candidate]] = []
        best = -_SURE
        for candidate in found:
            if not tagger.placed(lower, candidate):
                score = tagger.person(text, lower, candidate)
                if len(candidate.words) > 1 and tagger.famous(candidate):
                    score -= _FAME
                if score > best:
                    best = score
                likely.append((score, candidate))
        if not likely:
            return ()
        words = tagger.words_in(data)
        if best + words[1].real + tagger.ceiling <= 0.0 and not any(tagger.telling(each) for _, each in likely):
            return ()
        return self._decided(tagger.document(text, data, len(found), words), likely, found)

    def _decided(
        self, document: Document, likely: Sequence[tuple[float, Candidate]], found: Sequence[Candidate]
    ) -> Sequence[Span]:
        tagger = self._tagger
        spans: list[Span] = []
        names: set[str] = set()
        persons: set[Candidate] = set()
        for score, candidate in likely:
            if document.person + score > 0.0:
                start, end, words = candidate
                persons.add(candidate)
                names.update(word for word in words if len(word) >= _TELLING and word not in tagger.common)
                if len(words) > 1 and tagger.famous(candidate):
                    score += _FAME
                spans.append(Span(start, end, "PERSON", _confidence(document.person + score)))
        if not names and document.working <= 0.0:
            return spans
        for candidate in found:
            if candidate in persons:
                continue
            # "Nancy King" was found: so is "King".
            if not names.isdisjoint(candidate.words):
                spans.append(Span(candidate.start, candidate.end, "PERSON", 0.6))
            elif document.working > 0.0 and tagger.telling(candidate):
                spans.append(Span(candidate.start, candidate.end, "NAMED_ENTITY", _confidence(document.working)))
        return spans


def _confidence(logit: float) -> float:
    """Over 0.5 where the tagger says yes."""
    return 1.0 / (1.0 + exp(-min(logit, _SURE)))


NAMES = NameDetector()
