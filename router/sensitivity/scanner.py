"""Scanner: content in, findings out.

The segments of a body are looked at together: folded, and all triggers of all detectors run over them. Where nothing
hits, that was all. Else each segment is read for itself, and only what was hit is looked at closely. Text that hides
other text (base64, `\\u0041`, spaced-out letters…) is decoded, within bounds, and read again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

from router.content import Content, Segment
from router.sensitivity.budget import Budget, TooManyCandidatesError
from router.sensitivity.detector import Detector
from router.sensitivity.detectors import default_detectors
from router.sensitivity.escapes import without_escapes
from router.sensitivity.finding import Scan
from router.sensitivity.first_look import FirstLook, Stirred, hits_of
from router.sensitivity.found import ENOUGH, Found
from router.sensitivity.reading import Folded, Reading
from router.sensitivity.settles import NOTHING_SETTLES, Settles
from router.sensitivity.spanning import joined, may_span
from router.sensitivity.view import fold

_BETWEEN: Final = "\0"  # no trigger needs it, so none is lost where texts are joined; one too many costs a second look
_TOGETHER: Final = 4_096  # characters that are read together, at most: what hits is looked for again in each segment


class Scanner:
    """Stateless between scans; safe to share by all requests of a worker."""

    def __init__(self, detectors: Sequence[Detector], enough: int = ENOUGH) -> None:
        """`enough`: after so many findings that settle, a scan looks no further."""
        self._detectors = tuple(detectors)
        self._enough = enough
        self._first_look = FirstLook(self._detectors)

    @classmethod
    def default(cls, further: Sequence[Detector] = ()) -> Scanner:
        """All detectors that ship, and `further` ones."""
        return cls((*default_detectors(), *further))

    def scan(self, content: Content, settles: Settles = NOTHING_SETTLES) -> Scan:
        """Findings at or over their thresholds, in order of appearance. A detector that raises is named in `failed`.

        Where enough is found that `settles`, what follows is not read; by default everything is.
        """
        segments = content.segments
        texts = [text for _, _, text in segments]
        size = sum(map(len, texts))
        budget = Budget(size)
        found = Found(settles, self._enough)
        if size <= _TOGETHER:
            if texts:
                self._scan_group(segments, 0, texts, budget, found)
        else:
            for first, last in _groups(texts):
                if budget.spent or found.stops():
                    break
                self._scan_group(segments[first:last], first, texts[first:last], budget, found)
        if len(texts) > 1 and not budget.spent and may_span(texts) and not found.stops():
            self._scan_joined(segments, budget, found)
        return found.scan()

    def _scan_joined(self, segments: Sequence[Segment], budget: Budget, found: Found) -> None:
        """What goes on from one segment to the next."""
        alone = len(found.findings)
        try:
            for text in joined(segments, budget):
                Reading(self._detectors, self._first_look, budget, found).joined(text)
        except TooManyCandidatesError:
            found.failed["spanning"] = None
        if len(found.findings) > alone:
            found.findings[:] = sorted(set(found.findings))

    def _scan_group(
        self,
        segments: Sequence[Segment],
        first: int,
        texts: Sequence[str],
        budget: Budget,
        found: Found,
    ) -> None:
        """Neighbours, looked at together. The first is number `first`."""
        look = self._first_look
        text = _BETWEEN.join(texts)
        if "\\" in text:
            texts = without_escapes(texts)
            text = _BETWEEN.join(texts)
        text, data, folded = _folded(text, texts)
        stirred = look.stirred(data)
        if len(texts) == 1:
            part = (data, None) if folded is None else folded[0]
            self._scan_alone(segments[0], first, part, stirred, budget, found)
            return
        if folded is not None:
            texts = [part.decode("ascii") for part, _ in folded]
        if stirred:
            stirred = look.worth(stirred, data, [path for path, _, _ in segments])
        # What hit is read first; where nothing did, a glance is all there is.
        seen = None if stirred else look.seen(segments, texts, text, budget, found.failed)
        if seen is None or seen:
            if folded is None:
                folded = [(part.encode(), None) for part in texts]
            glance = partial(look.seen, segments, texts, text, budget, found.failed)
            reading = Reading(self._detectors, look, budget, found, glance, seen)
            reading.group(first, segments, folded, stirred)

    def _scan_alone(
        self, segment: Segment, number: int, part: Folded, stirred: Stirred, budget: Budget, found: Found
    ) -> None:
        """A text that has no neighbours: the first look at it is the look at all of it."""
        look, data = self._first_look, part[0]
        if len(data) <= _TOGETHER:
            if stirred:
                stirred = look.worth(stirred, data, [segment.path])
            hits = hits_of(stirred)
        else:
            # A long text is not glanced at: it is read, a piece at a time, as far as the budget reaches.
            hits = hits_of(stirred)
            for glancing in look.glancing:
                hits.setdefault(glancing, [])
        text = data.decode("ascii")
        # What hit is going to read the text anyway.
        glance = partial(look.seen, (segment,), (text,), text, budget, found.failed, hits)
        seen = None if hits else glance()
        if seen is None or seen:
            reading = Reading(self._detectors, look, budget, found, glance, seen)
            reading.segment(number, segment, part, hits, 0)


def _folded(text: str, texts: Sequence[str]) -> tuple[str, bytes, list[Folded] | None]:
    """`text` folded, as characters and as bytes, and each of `texts`, of which it is joined, where it differs."""
    if text.isascii():
        return text, text.encode(), None
    parts = [fold(each) for each in texts]
    data = _BETWEEN.encode().join([part for part, _ in parts])
    return data.decode("ascii"), data, parts


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
