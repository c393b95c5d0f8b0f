"""Scanner: content in, findings out.

The segments of a body are read together: folded, and all triggers of all detectors run over them. Where nothing hits,
that was all. Else each segment is read for itself, and only what was hit is looked at closely. Text that hides other
text (base64, `\\u0041`, spaced-out letters…) is decoded, within bounds, and read again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from router.content import Content, Segment
from router.sensitivity import decode
from router.sensitivity.budget import Budget, TooManyCandidatesError
from router.sensitivity.detector import Detector, Glancing, Prefix, Shape, Span
from router.sensitivity.detectors import default_detectors
from router.sensitivity.escapes import without_escapes
from router.sensitivity.finding import Finding, Scan
from router.sensitivity.patterns import PatternSet
from router.sensitivity.thresholds import threshold
from router.sensitivity.view import View, fold

_DECODERS = -1  # stands for a detector's number where the trigger is a decoder's
_BETWEEN = "\0"  # no trigger needs it, so none is lost where texts are joined; one too many costs a second look
_TOGETHER = 4_096  # characters that are read together, at most: what hits is looked for again in each segment
_WORD_MEMORY, _PREFIX_MEMORY, _SHAPE_MEMORY, _DECODER_MEMORY = 3 << 20, 2 << 20, 1 << 20, 2 << 20  # bytes
_FINDING = 6  # steps
_NOTHING = Scan(())

_Hits = dict[int, list[int]]  # detector number → its triggers that hit


class _TriggerSet:
    """Triggers of one kind, and whose they are."""

    __slots__ = ("_owners", "_set")

    def __init__(self, triggers: Sequence[tuple[str, int, int]], memory: int) -> None:
        self._owners = tuple((detector, number) for _, detector, number in triggers)
        self._set = PatternSet((trigger for trigger, _, _ in triggers), memory)

    def hit(self, data: bytes) -> bool:
        return bool(self._set.match(data))

    def add(self, data: bytes, hits: _Hits) -> None:
        for index in self._set.match(data):
            detector, number = self._owners[index]
            hits.setdefault(detector, []).append(number)


class _Awake(NamedTuple):
    """What hit in a text that holds the one to be read: nothing else can hit there."""

    sets: Sequence[_TriggerSet]
    glancing: Sequence[tuple[int, Glancing]]


class Scanner:
    """Stateless between scans; safe to share by all requests of a worker."""

    def __init__(self, detectors: Sequence[Detector]) -> None:
        self._detectors = tuple(detectors)
        triggers = [
            (trigger, number, index)
            for number, detector in enumerate(self._detectors)
            for index, trigger in enumerate(detector.triggers)
        ]
        hidden = [(trigger, _DECODERS, index) for index, trigger in enumerate(decode.TRIGGERS)]
        self._sets = (
            _TriggerSet([each for each in triggers if not isinstance(each[0], Shape | Prefix)], _WORD_MEMORY),
            _TriggerSet([each for each in triggers if isinstance(each[0], Shape)], _SHAPE_MEMORY),
            _TriggerSet([each for each in triggers if isinstance(each[0], Prefix)], _PREFIX_MEMORY),
            _TriggerSet(hidden, _DECODER_MEMORY),
        )
        self._glancing = tuple(
            (number, detector) for number, detector in enumerate(self._detectors) if isinstance(detector, Glancing)
        )
        self._all = _Awake(self._sets, self._glancing)

    @classmethod
    def default(cls) -> Scanner:
        """All detectors that ship."""
        return cls(default_detectors())

    def scan(self, content: Content) -> Scan:
        """Findings at or over their thresholds, in order of appearance. A detector that raises is named in `failed`."""
        segments = without_escapes(content.segments)
        texts = [segment.text for segment in segments]
        size = sum(map(len, texts))
        groups = ((0, len(texts)),) if size <= _TOGETHER else _groups(texts)
        budget: Budget | None = None
        findings: list[Finding] = []
        failed: dict[str, None] = {}
        for first, last in groups:
            stirred = self._all if last - first == 1 else self._stirred(_BETWEEN.join(texts[first:last]))
            if stirred.sets or stirred.glancing:
                if budget is None:
                    budget = Budget(size)
                for number in range(first, last):
                    if not budget.spent:
                        self._read_segment(number, segments[number], stirred, budget, findings, failed)
        return Scan(tuple(findings), tuple(failed)) if findings or failed else _NOTHING

    def _stirred(self, text: str) -> _Awake:
        """What in the joined text calls for a closer look."""
        data, _ = fold(text)
        sets = [triggers for triggers in self._sets if triggers.hit(data)]
        folded = text if len(data) == len(text) and text.isascii() else data.decode("ascii")
        return _Awake(sets, [each for each in self._glancing if self._glance(each[1], folded)])

    @staticmethod
    def _glance(detector: Glancing, text: str) -> bool:
        """A detector that cannot even glance is called, so that it can fail under its own name."""
        try:
            return detector.glance(text)
        except Exception:  # noqa: BLE001
            return True

    def _read_segment(
        self,
        number: int,
        segment: Segment,
        awake: _Awake,
        budget: Budget,
        findings: list[Finding],
        failed: dict[str, None],
    ) -> None:
        spans: list[Span] = []
        data, offsets = fold(segment.text)
        hits = self._hits(awake, data)
        if not hits:
            return
        text = data.decode("ascii")
        view = View(text, data, text.lower(), budget, offsets, None, _label(segment))
        self._read(view, hits, decode.MAX_DEPTH, spans, failed)
        if spans:
            findings.extend(
                Finding(number, start, end, kind, confidence) for start, end, kind, confidence in _distinct(spans)
            )

    def _hits(self, awake: _Awake, data: bytes) -> _Hits:
        hits: _Hits = {}
        for triggers in awake.sets:
            triggers.add(data, hits)
        if awake.glancing:
            text = data.decode("ascii")
            for number, glancing in awake.glancing:
                if number not in hits and self._glance(glancing, text):
                    hits[number] = []
        return hits

    def _read(self, view: View, hits: _Hits, depth: int, spans: list[Span], failed: dict[str, None]) -> None:
        """Adds spans over their thresholds, in offsets of the original text."""
        hidden = hits.pop(_DECODERS, None)
        for number, own in hits.items():
            detector = self._detectors[number]
            try:
                for start, end, kind, confidence in detector.find(view, own):
                    view.budget.spend(_FINDING)
                    if confidence >= threshold(kind) and end > start:
                        spans.append(Span(*view.original(start, end), kind, confidence))
            # Whatever goes wrong in a detector, a plug-in's too, means that we do not know; and that means local.
            except Exception:  # noqa: BLE001
                failed[detector.name] = None
                if view.budget.spent:
                    return
        if hidden is not None and depth > 0:
            try:
                for reading in decode.hidden_views(view, hidden):
                    self._read(reading, self._hits(self._all, reading.data), depth - 1, spans, failed)
            except TooManyCandidatesError:
                failed["decode"] = None


def _groups(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Neighbours that are read together: `_TOGETHER` characters at most, or one that is longer."""
    first = size = 0
    for number, text in enumerate(texts):
        size += len(text)
        if size > _TOGETHER and number > first:
            yield first, number
            first, size = number, len(text)
    if first < len(texts):
        yield first, len(texts)


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
