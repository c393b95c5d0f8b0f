"""Spanning: values that begin in one string of the body and go on in the next — turns, content parts, list elements.

What is put together of several strings is held to the same proof as what is put together within one (`pieces.py`).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from router.content import Origin, Segment
from router.sensitivity import pieces
from router.sensitivity.budget import Budget
from router.sensitivity.view import View, label_of, view_of

_TELLING: Final = re.compile(r"[0-9@]")
_EDGE: Final = 24  # characters at which two strings meet that say whether they may belong together
_SHORT: Final = 40  # characters: a longer string is an end of a value, not its middle
_TINY: Final = 4  # characters: of such pieces, any may be a part
_REACH: Final = 64  # characters of the first and last string that are read
_DIGITS_FROM: Final = 6


class Joined(NamedTuple):
    """A text of several strings: each with its number, where it begins in the text, and what was left out of it."""

    view: View
    parts: tuple[tuple[int, int, int], ...]

    def places(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """The number of each segment that `start:end` of the original text lies in, and where in it."""
        for index, (number, begins, skipped) in enumerate(self.parts):
            ends = self.parts[index + 1][1] if index + 1 < len(self.parts) else end
            first, last = max(start, begins), min(end, ends)
            if first < last:
                yield number, first - begins + skipped, last - begins + skipped


def may_span(texts: Sequence[str]) -> bool:
    """Whether any string begins as the rest of a value might: cheap, and mostly not."""
    search, before = _TELLING.search, texts[0]
    for text in texts[1:]:
        if "@" in before or search(text, 0, _EDGE) is not None:
            return True
        before = text
    return False


def joined(segments: Sequence[Segment], budget: Budget) -> Iterator[Joined]:
    """What neighbours may say together."""
    count = len(segments)
    yield from _runs(segments, range(count), False, budget)
    values = [
        number for number in range(count) if number + 1 == count or segments[number].path != segments[number + 1].path
    ]  # the name of a field has the path of its value
    if len(values) < count:
        yield from _runs(segments, values, True, budget)
    said = [number for number in range(count) if segments[number].origin is Origin.USER]
    if 1 < len(said) < count:
        yield from _runs(segments, said, False, budget)


def _runs(segments: Sequence[Segment], numbers: Sequence[int], keyed: bool, budget: Budget) -> Iterator[Joined]:
    run: list[int] = []
    for before, number in pairwise(numbers):
        if not _meet(segments[before].text, segments[number].text):
            continue
        budget.spend()
        if run and run[-1] == before and len(segments[before].text) <= _SHORT:
            run.append(number)
            continue
        if run and _worth(segments, run):
            yield _joined(segments, run, keyed, budget)
        run = [before, number]
    if run and _worth(segments, run):
        yield _joined(segments, run, keyed, budget)


def _meet(before: str, behind: str) -> bool:
    """Whether a value may go on from the end of one to the beginning of the other."""
    if len(before) <= _TINY and len(behind) <= _TINY:
        return True
    head = _TELLING.search(behind, 0, _EDGE)
    tail = _TELLING.search(before, max(0, len(before) - _EDGE)) if head is not None or "@" in before else None
    if head is None and (tail is None or not behind[:1].isalnum()):
        return False
    if tail is None:
        return "@" in behind[:_EDGE] and before[-1:].isalnum()
    return True


def _worth(segments: Sequence[Segment], run: Sequence[int]) -> bool:
    text = "".join(segments[number].text[-_REACH:] for number in run)
    return "@" in text or sum(map(str.isdigit, text)) >= _DIGITS_FROM


def _joined(segments: Sequence[Segment], run: Sequence[int], keyed: bool, budget: Budget) -> Joined:
    texts, parts, size = list[str](), list[tuple[int, int, int]](), 0
    for place, number in enumerate(run):
        text = segments[number].text
        skipped = max(0, len(text) - _REACH) if place == 0 else 0
        text = text[skipped : skipped + _REACH]
        texts.append(text)
        parts.append((number, size, skipped))
        size += len(text)
    budget.spend(10 + size // 8)
    view = view_of("".join(texts), label_of(segments[run[0]].path), budget)
    joints = [begins for _, begins, _ in parts[1:]]
    if view.offsets is not None:
        joints = [bisect_left(view.offsets, joint) for joint in joints]
    return Joined(view._replace(joints=tuple(joints), floor=pieces.floor(keyed)), tuple(parts))
