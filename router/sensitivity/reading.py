"""Reading: the closer look at the segments in which something hit. One for a scan; it collects what is found."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from router.content import Segment
from router.sensitivity import decode
from router.sensitivity.budget import Budget, TooManyCandidatesError
from router.sensitivity.detector import Detector, Glimpse, Span
from router.sensitivity.finding import Finding
from router.sensitivity.first_look import DECODERS, FirstLook, Glimpses, Hits, Stirred, hits_of
from router.sensitivity.thresholds import threshold
from router.sensitivity.view import View

_FINDING = 6  # steps
_NO_GLIMPSES: Glimpses = MappingProxyType({})
_new = tuple.__new__  # a NamedTuple's own constructor costs twice as much

Folded = tuple[bytes, tuple[int, ...] | None]
"""The ASCII that a text shows, and the way back where characters were left out."""


class Reading:
    """A scan under way: what it has found, what failed, and the steps that are left."""

    __slots__ = ("_budget", "_detectors", "_failed", "_first_look", "findings")

    def __init__(
        self, detectors: Sequence[Detector], first_look: FirstLook, size: int, failed: dict[str, None]
    ) -> None:
        self._detectors = detectors
        self._first_look = first_look
        self._budget = Budget(size)
        self.findings: list[Finding] = []
        self._failed = failed

    @property
    def spent(self) -> bool:
        return self._budget.spent

    def group(
        self,
        first: int,
        segments: Sequence[Segment],
        parts: Sequence[Folded],
        stirred: Stirred,
        glimpses: Glimpses | None,
    ) -> None:
        """Neighbours: `parts` are the folded texts of `segments[first]` and the next, joined for a first look.

        What hit there may hit in each of them. Without `glimpses`, every detector that glances is asked.
        """
        if len(parts) == 1:
            hits = hits_of(stirred)
            if glimpses is None:
                for number in self._first_look.glancing:
                    hits.setdefault(number, [])
            self._segment(first, segments[first], parts[0], hits, glimpses or _NO_GLIMPSES)
            return
        seen = _by_part(parts, glimpses) if glimpses else {}
        for index in range(len(parts)) if stirred else seen:
            own = seen.get(index, _NO_GLIMPSES)
            hits: Hits = {}
            for triggers, _ in stirred:
                triggers.add(triggers.match(parts[index][0]), hits)
            if hits or own:
                self._segment(first + index, segments[first + index], parts[index], hits, own)
                if self._budget.spent:
                    return

    def _segment(self, number: int, segment: Segment, folded: Folded, hits: Hits, glimpses: Glimpses) -> None:
        data, offsets = folded
        text = data.decode("ascii")
        view = _new(View, (text, data, text.lower(), self._budget, offsets, None, _label(segment.path)))
        spans: list[Span] = []
        self._read(view, hits, glimpses, decode.MAX_DEPTH, spans)
        if spans:
            self.findings.extend(
                Finding(number, start, end, kind, confidence) for start, end, kind, confidence in _distinct(spans)
            )

    def _read(self, view: View, hits: Hits, glimpses: Glimpses, depth: int, spans: list[Span]) -> None:
        """Adds spans over their thresholds, in offsets of the original text."""
        hidden = hits.pop(DECODERS, None)
        for number in glimpses:
            hits.setdefault(number, [])
        for number, own in hits.items():
            detector = self._detectors[number]
            try:
                if number in glimpses:
                    found = self._first_look.glancing[number].find_at(view, own, glimpses[number])
                else:
                    found = detector.find(view, own)
                for start, end, kind, confidence in found:
                    view.budget.spend(_FINDING)
                    if confidence >= threshold(kind) and end > start:
                        spans.append(Span(*view.original(start, end), kind, confidence))
            # Whatever goes wrong in a detector, a plug-in's too, means that we do not know; and that means local.
            except Exception:  # noqa: BLE001
                self._failed[detector.name] = None
                if view.budget.spent:
                    return
        if hidden is not None and depth > 0:
            try:
                for reading in decode.hidden_views(view, hidden):
                    self._read_hidden(reading, depth - 1, spans)
            except TooManyCandidatesError:
                self._failed["decode"] = None

    def _read_hidden(self, view: View, depth: int, spans: list[Span]) -> None:
        hits = hits_of(self._first_look.stirred(view.data))
        self._read(view, hits, self._first_look.glimpses(view.text, self._failed), depth, spans)


def _by_part(parts: Sequence[Folded], glimpses: Glimpses) -> dict[int, dict[int, list[Glimpse]]]:
    """What was seen in the joined text: in which part, by which detector, and where in the part."""
    seen: dict[int, dict[int, list[Glimpse]]] = {}
    for number, found in glimpses.items():
        index = start = 0
        end = len(parts[0][0])
        for at, what in found:
            while at > end:
                index, start = index + 1, end + 1
                end = start + len(parts[index][0])
            seen.setdefault(index, {}).setdefault(number, []).append((at - start, what))
    return seen


def _label(path: str) -> str:
    """The name of the field a value stood in: `{"ssn": "…"}` says what it is. Message text has no such name."""
    if path.endswith((".content", ".text")) or path == "text":
        return ""
    return path[path.rfind(".") + 1 :][-32:].lower().replace("_", " ")


def _distinct(spans: list[Span]) -> list[Span]:
    """In order; a span inside another that is at least as sure says nothing new."""
    if len(spans) == 1:
        return spans
    spans.sort(key=lambda span: (span.start, -span.end, -span.confidence))
    kept: list[Span] = []
    for span in spans:
        if kept:
            last = kept[-1]
            if span.end <= last.end and (span.confidence <= last.confidence or span.type == last.type):
                continue
            if span.start == last.start and span.end == last.end:
                kept.pop()
        kept.append(span)
    return kept
