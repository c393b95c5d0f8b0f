"""Scanner: content in, findings out.

Each segment is folded once, all triggers of all detectors run over it in one pass, and only what was hit is looked at
closely. Text that hides other text (base64, `\\u0041`, spaced-out letters…) is decoded, within bounds, and read again.
"""

from __future__ import annotations

from collections.abc import Sequence

from router.content import Content, Segment
from router.sensitivity.decode import hidden_views
from router.sensitivity.detector import Detector, Span
from router.sensitivity.detectors import default_detectors
from router.sensitivity.finding import Finding, Scan
from router.sensitivity.patterns import PatternSet
from router.sensitivity.thresholds import threshold
from router.sensitivity.view import View, view_of


class Scanner:
    """Stateless between scans; safe to share by all requests of a worker."""

    def __init__(self, detectors: Sequence[Detector]) -> None:
        self._detectors = tuple(detectors)
        self._owners = tuple(
            (number, index)
            for number, detector in enumerate(self._detectors)
            for index in range(len(detector.triggers))
        )
        self._triggers = PatternSet(trigger for detector in self._detectors for trigger in detector.triggers)

    @classmethod
    def default(cls) -> Scanner:
        """All detectors that ship."""
        return cls(default_detectors())

    def scan(self, content: Content) -> Scan:
        """Findings at or over their thresholds, in order of appearance. A detector that raises is named in `failed`."""
        findings: list[Finding] = []
        failed: dict[str, None] = {}
        for number, segment in enumerate(content.segments):
            view = view_of(segment.text, _label(segment))
            spans = self._spans(view, failed)
            for hidden in hidden_views(view):
                spans.extend(self._spans(hidden, failed))
            if spans:
                findings.extend(
                    Finding(number, start, end, kind, confidence) for start, end, kind, confidence in _distinct(spans)
                )
        return Scan(tuple(findings), tuple(failed))

    def _spans(self, view: View, failed: dict[str, None]) -> list[Span]:
        """Spans over their thresholds, in offsets of the original text."""
        spans: list[Span] = []
        for number, hits in self._woken(view.data).items():
            detector = self._detectors[number]
            try:
                for start, end, kind, confidence in detector.find(view, hits):
                    if confidence >= threshold(kind) and end > start:
                        spans.append(Span(*view.original(start, end), kind, confidence))
            # Whatever goes wrong in a detector, a plug-in's too, means that we do not know; and that means local.
            except Exception:  # noqa: BLE001
                failed[detector.name] = None
        return spans

    def _woken(self, data: bytes) -> dict[int, list[int]]:
        """Detector number → its triggers that hit."""
        woken: dict[int, list[int]] = {}
        for hit in self._triggers.match(data):
            number, trigger = self._owners[hit]
            woken.setdefault(number, []).append(trigger)
        return woken


def _label(segment: Segment) -> str:
    """The name of the field a value stood in: `{"ssn": "…"}` says what it is. Message text has no such name."""
    path = segment.path
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
