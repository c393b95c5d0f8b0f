"""Reading: the closer look at segments in which something hit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from router.content import Segment
from router.sensitivity import decode
from router.sensitivity.budget import Budget, TooManyCandidatesError
from router.sensitivity.detector import Detector, Span
from router.sensitivity.finding import Finding
from router.sensitivity.first_look import DECODERS, NOTHING_SEEN, FirstLook, Glance, Hits, Seen, Stirred, hits_of
from router.sensitivity.found import NEVER, Found
from router.sensitivity.pieces import PROVE_NOTHING, proves
from router.sensitivity.spanning import Joined
from router.sensitivity.thresholds import GUESSED, threshold
from router.sensitivity.view import View, label_of

_FINDING: Final = 6  # steps
_FIRST_LOOK, _HIDDEN = 8, 48  # steps for any hidden text, and characters of it that are read in a step
_CERTAIN: Final = 0.95  # a checksum and a word that says what it is, or a form that nothing else has

Folded = tuple[bytes, Sequence[int] | None]
"""The ASCII that a text shows, and the way back where characters were left out."""


class Reading:
    """The closer look at a group of segments: adds to what a scan has found, and to what failed."""

    __slots__ = ("_budget", "_count_at", "_detectors", "_first_look", "_found", "_glance", "_seen")

    def __init__(
        self,
        detectors: Sequence[Detector],
        first_look: FirstLook,
        budget: Budget,
        found: Found,
        glance: Glance = dict,
        seen: Mapping[int, Seen] | None = None,
    ) -> None:
        """`glance` is called when what hit was read and was not enough; `seen` is given where that is done already."""
        self._detectors = detectors
        self._first_look = first_look
        self._budget = budget
        self._found = found
        self._glance = glance
        self._seen = seen
        self._count_at = NEVER  # spans of a segment: with so many, it is looked whether they are enough

    def group(self, first: int, segments: Sequence[Segment], parts: Sequence[Folded], stirred: Stirred) -> None:
        """Neighbours, of which the first is number `first`, and `parts` are the folded texts, joined for a first look.

        What `stirred` there may hit in each of them; where nothing does, a glance may have found something.
        """
        begins = len(self._found.findings)
        quiet: list[int] = []
        for index, part in enumerate(parts):
            if self._ends():
                return
            hits: Hits = {}
            for triggers, _ in stirred:
                triggers.add(triggers.match(part[0]), hits)
            if hits:
                self.segment(first + index, segments[index], part, hits, index)
            else:
                quiet.append(index)
        if not quiet or self._ends():
            return
        seen, louder = self._glanced(), len(self._found.findings)
        for index in quiet:
            if index in seen:
                if self._ends():
                    break
                self.segment(first + index, segments[index], parts[index], {}, index)
        if begins < louder < len(self._found.findings):
            self._found.sort(begins)

    def segment(self, number: int, segment: Segment, folded: Folded, hits: Hits, index: int) -> None:
        """Segment `number`, of which `hits` are the triggers that hit. It is text `index` of those glanced at."""
        data, offsets = folded
        text = data.decode("ascii")
        view = View(text, data, text.lower(), self._budget, offsets, None, label_of(segment.path))
        spans: list[Span] = []
        self._count_at = self._found.wanted
        hidden = hits.pop(DECODERS, None)
        goes_on = self._read(view, sorted(hits), hits, NOTHING_SEEN, spans)
        if goes_on and (seen := self._glanced().get(index)):
            goes_on = self._read(view, [each for each in seen if each not in hits], hits, seen, spans)
        if goes_on and hidden is not None:
            self._decode(view, hidden, decode.MAX_DEPTH, spans)
        if spans:
            self._found.add(
                [Finding(number, start, end, kind, confidence) for start, end, kind, confidence in _distinct(spans)]
            )

    def _ends(self) -> bool:
        """Whether what is left is not read."""
        return self._budget.spent or self._found.stops()

    def _glanced(self) -> Mapping[int, Seen]:
        seen = self._seen
        if seen is None:
            seen = self._seen = self._glance()
        return seen

    def joined(self, text: Joined) -> None:
        """What several segments say together. They are short, and read to their end."""
        spans: list[Span] = []
        self._count_at = NEVER
        self._read_hidden(text.view, 1, spans)
        for start, end, kind, confidence in _distinct(spans):
            parts = [Finding(number, first, last, kind, confidence) for number, first, last in text.places(start, end)]
            if not any(_alike(part, finding) for part in parts for finding in self._found.findings):
                self._found.add(parts)

    def _read(self, view: View, numbers: Sequence[int], hits: Hits, seen: Seen, spans: list[Span]) -> bool:
        """Adds spans of some detectors, over their thresholds and in offsets of the original text. Whether to go on:
        there is budget left, and not enough is found.
        """
        for number in numbers:
            detector = self._detectors[number]
            if view.joints and detector.name in PROVE_NOTHING:
                continue
            try:
                found = detector.find(view, hits[number]) if number in hits else seen[number]
                for start, end, kind, confidence in found:
                    view.budget.spend(_FINDING)
                    if confidence >= threshold(kind) and end > start:
                        span = Span(*view.original(start, end), kind, confidence)
                        if not view.joints or (proves(Span(start, end, kind, confidence), view) and _new(span, spans)):
                            spans.append(span)
                            if len(spans) >= self._count_at and self._is_enough(spans):
                                return False
            # Whatever goes wrong in a detector, a plug-in's too, means that we do not know; and that means local.
            except Exception:  # noqa: BLE001
                self._found.failed[detector.name] = None
                if view.budget.spent:
                    return False
        return True

    def _is_enough(self, spans: list[Span]) -> bool:
        """Whether so many of them stay that the segment is left here. Rarely asked: it means to sort them."""
        missing = self._found.wanted - self._found.settling(span.type for span in _distinct(spans.copy()))
        if missing > 0:
            self._count_at = len(spans) + max(missing, len(spans) // 8)
            return False
        self._found.leave()
        return True

    def _decode(self, view: View, hidden: list[int], depth: int, spans: list[Span]) -> None:
        """What is hidden in it."""
        try:
            for reading in decode.hidden_views(view, hidden):
                self._read_hidden(reading, depth - 1, spans)
                if self._found.more:
                    return
        except TooManyCandidatesError:
            self._found.failed["decode"] = None

    def _read_hidden(self, view: View, depth: int, spans: list[Span]) -> None:
        view.budget.spend(_FIRST_LOOK + len(view.data) // _HIDDEN)
        look = self._first_look
        hits = look.proofs(view.data) if view.joints else hits_of(look.stirred(view.data))
        for number in look.glancing:
            hits.setdefault(number, [])
        hidden = hits.pop(DECODERS, None)
        goes_on = self._read(view, sorted(hits), hits, NOTHING_SEEN, spans)
        if goes_on and hidden is not None and depth > 0 and not view.joints:
            self._decode(view, hidden, depth, spans)


def _new(span: Span, spans: list[Span]) -> bool:
    """Whether nothing of its type was found there without putting pieces together."""
    return not any(other.type == span.type and other.start < span.end and span.start < other.end for other in spans)


def _alike(one: Finding, other: Finding) -> bool:
    return one.segment == other.segment and one.type == other.type and one.start < other.end and other.start < one.end


def _distinct(spans: list[Span]) -> list[Span]:
    """In order; a span inside another of its type says nothing new, nor does a guess inside one that was checked, nor
    anything inside one that is beyond doubt. Else both are kept where two types stand: a policy may know either.
    """
    if len(spans) == 1:
        return spans
    spans.sort(key=lambda span: (span.start, -span.end, span.type in GUESSED, -span.confidence))
    kept: list[Span] = []
    last: dict[str, Span] = {}  # of each type
    checked = certain = -1  # where what was checked ends, and what is beyond doubt
    for span in spans:
        before = last.get(span.type)
        guessed = span.type in GUESSED
        covered = checked if guessed else certain if span.confidence < _CERTAIN else -1
        if span.end <= covered or (before is not None and span.end <= before.end):
            continue
        if not guessed:
            checked = max(checked, span.end)
            if span.confidence >= _CERTAIN:
                certain = max(certain, span.end)
        last[span.type] = span
        kept.append(span)
    return kept
