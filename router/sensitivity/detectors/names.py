"""Names of private persons, told from names of the famous, of characters and of people in arithmetic problems.

Candidates are runs of capitalised words; the tagger judges them. In a text that is somebody's real work (a letter, a
report, a record), names of firms, places and products tell something too: those are `NAMED_ENTITY`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import cache
from math import exp
from types import MappingProxyType
from typing import Final

from router.content import Segment
from router.sensitivity.budget import Budget
from router.sensitivity.detector import Span
from router.sensitivity.detectors import name_cues as cues
from router.sensitivity.detectors.data_fields import in_no_person_field, is_data, is_place_field
from router.sensitivity.tagger.candidates import Candidate, Run, candidates_in
from router.sensitivity.tagger.model import NO, Tagger
from router.sensitivity.view import View, label_of

_STEPS: Final = 3  # of the budget, for one candidate
_PLACE_WORDS: Final = 3  # in the name of a place, at most
_WORD: Final = 5  # letters from which on a word in capitals is hardly an abbreviation
_SMALL: Final = 50  # characters of a text without capitals in which first names are looked for in a step
_PASS: Final = 128  # characters of any other that are looked through in a step
_RUN: Final = 16  # characters of capitalised words that are taken apart in a step
_TELLING: Final = 3  # letters of a word that stands for a whole name elsewhere in the text
_NOTHING: Mapping[int, Sequence[Span]] = MappingProxyType({})
_SURE: Final = 30.0  # logit; more cannot be told apart


@cache
def _tagger() -> Tagger:
    return Tagger.shipped()


class NameDetector:
    name = "names"
    triggers = (cues.STRONG_TRIGGER,)

    def __init__(self) -> None:
        self._tagger = _tagger()

    def find_in(
        self, segments: Sequence[Segment], texts: Sequence[str], joined: str, budget: Budget
    ) -> Mapping[int, Sequence[Span]]:
        glimpses = self._tagger.glance(joined, texts)
        if not glimpses or self._settled(joined, glimpses, budget):
            return _NOTHING
        seen: dict[int, list[Run]] = {}
        index, start, end = 0, 0, len(texts[0])
        for at, run in glimpses:
            while at > end:
                index, start = index + 1, end + 1
                end = start + len(texts[index])
            seen.setdefault(index, []).append((at - start, run))
        found: dict[int, Sequence[Span]] = {}
        for index, runs in seen.items():
            text = texts[index]
            if text.islower():
                found[index] = self._in_small_letters(text, label_of(segments[index].path), budget)
                continue
            candidates = self._candidates(text, runs, False, budget)
            likely = self._tagger.unsettled(text, candidates)
            if likely:
                found[index] = self._in_field(text, label_of(segments[index].path), candidates, likely)
        return found

    def find(self, view: View, hits: Sequence[int]) -> Iterator[Span]:
        text, label, told = view.text, view.label, bool(hits)
        if told:
            for start, end in cues.lower_case_names(view):
                yield Span(start, end, "PERSON", 0.6)
        glimpses = self._tagger.each_glimpse(text)
        if not text.islower():
            view.budget.spend(len(text) // _PASS)
            candidates = self._candidates(text, glimpses, told, view.budget)
            likely = self._tagger.unsettled(text, candidates)
            if likely:
                yield from self._in_field(text, label, candidates, likely)
            return
        view.budget.spend(len(text) // _SMALL)
        if told or any(glimpses):
            yield from self._in_small_letters(text, label, view.budget)

    def _settled(self, text: str, glimpses: Sequence[Run], budget: Budget) -> bool:
        """Whether none of them can be a person: most of what is capitalised in a question is known to be something."""
        tagger = self._tagger
        budget.spend(len(glimpses))
        for start, run in glimpses:
            if run.isalpha() and tagger.settled(text, start, (run,)):
                continue
            if not run or tagger.unsettled(text, candidates_in(run, start, tagger.words)):
                return False
        return True

    def _candidates(self, text: str, runs: Iterable[Run], told: bool, budget: Budget) -> Sequence[Candidate]:
        """All there are; none in what is a heading. `told`: a word says that a name follows."""
        tagger = self._tagger
        found: list[Candidate] = []
        for start, run in runs:
            candidates = candidates_in(run, start, tagger.words)
            budget.spend(1 + len(run) // _RUN + _STEPS * len(candidates))
            if candidates:
                # With nothing unusual, and no word that tells of a name, what has capitals is a heading.
                if not (found or told or run.isalpha()) and tagger.heading(text, candidates[0]):
                    return ()
                found += candidates
        return found

    def _in_small_letters(self, text: str, label: str, budget: Budget) -> Sequence[Span]:
        whole = f"{label}: {text}" if label else text
        found: list[Candidate] = []
        for candidate in self._tagger.candidates(whole):
            budget.spend(_STEPS)
            found.append(candidate)
        likely = self._tagger.unsettled(whole, found)
        if not likely:
            return ()
        return _moved(self._judged(whole, whole, found, likely), len(whole) - len(text))

    def _in_field(
        self, text: str, label: str, found: Sequence[Candidate], likely: Sequence[Candidate]
    ) -> Sequence[Span]:
        if not label:
            return self._judged(text, text.lower(), found, likely)
        if is_place_field(label) and all(len(words) <= _PLACE_WORDS for _, _, words in found):
            return ()
        # `{"name": "…"}`: the field's name is what stands before the value.
        whole, shift = f"{label}: {text}", len(label) + 2
        spans = self._judged(whole, whole.lower(), _shifted(found, shift), _shifted(likely, shift))
        return _moved(spans, shift)

    def _judged(self, text: str, lower: str, found: Sequence[Candidate], likely: Sequence[Candidate]) -> Sequence[Span]:
        """`likely`: those of all that were `found` which the tagger has not settled."""
        tagger = self._tagger
        document = tagger.document(text, text.encode(), len(found))
        persons: list[tuple[float, Candidate]] = []
        names: set[str] = set()
        for candidate in likely:
            words = candidate[2]
            if names and names.issuperset(words):
                continue  # "Nancy King" again
            logit = tagger.person(text, lower, candidate, document.person)
            if logit > 0.0 and not self._is_no_person(text, lower, candidate):
                persons.append((logit, candidate))
                names.update(word for word in words if len(word) >= _TELLING and word not in tagger.words)
        working = document.working
        if working > 0.0 and is_data(text):
            working = NO
        if not persons and working <= 0.0:
            return ()
        return self._spans(persons, names, working, found)

    def _spans(
        self,
        persons: Sequence[tuple[float, Candidate]],
        names: Set[str],
        working: float,
        found: Sequence[Candidate],
    ) -> Sequence[Span]:
        """Of `persons`, with the logits of each; of what else is one of their `names`; and of what else is telling in a
        `working` text (a logit)."""
        tagger = self._tagger
        spans = [Span(start, end, "PERSON", _confidence(logit)) for logit, (start, end, _) in persons]
        sure = {candidate for _, candidate in persons}
        for candidate in found:
            if candidate in sure:
                continue
            # "Nancy King" was found: so is "King".
            if not names.isdisjoint(candidate.words):
                spans.append(Span(candidate.start, candidate.end, "PERSON", 0.6))
            elif working > 0.0 and tagger.telling(candidate):
                spans.append(Span(candidate.start, candidate.end, "NAMED_ENTITY", _confidence(working)))
        return spans

    def _is_no_person(self, text: str, lower: str, candidate: Candidate) -> bool:
        if in_no_person_field(text, lower, candidate):
            return True
        start, end, words = candidate
        if not text[start:end].isupper():
            return False
        # In capitals alone, short words that nobody is called are abbreviations: the head of a listing.
        tagger = self._tagger
        return not tagger.is_called(candidate) and all(len(word) < _WORD or word in tagger.words for word in words)


def _shifted(candidates: Iterable[Candidate], shift: int) -> list[Candidate]:
    return [Candidate(start + shift, end + shift, words) for start, end, words in candidates]


def _moved(spans: Sequence[Span], shift: int) -> Sequence[Span]:
    """Back to the text before which a label stood. A name in the label itself is told where the text begins."""
    return [
        Span(start - shift, end - shift, kind, confidence) if end > shift else Span(0, 1, kind, confidence)
        for start, end, kind, confidence in spans
    ]


def _confidence(logit: float) -> float:
    """Over 0.5 where the tagger says yes."""
    return 1.0 / (1.0 + exp(-min(logit, _SURE)))


NAMES = NameDetector()
