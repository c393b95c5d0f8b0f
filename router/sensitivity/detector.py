"""Detector: the seam behind which every kind of sensitive text is found.

A detector names the patterns that wake it (`triggers`, RE2 syntax). The scanner runs the triggers of all detectors over
a text at once and calls only those detectors that were hit. A new kind of detection is a class of this shape and one
line in `detectors/__init__.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from router.content import Segment
from router.sensitivity.budget import Budget
from router.sensitivity.view import View


class Span(NamedTuple):
    """A candidate found in a view: offsets into the view's text, entity type, confidence 0..1."""

    start: int
    end: int
    type: str
    confidence: float


SHAPE_SIGNS = b"0123456789:-"


class Shape(str):
    """A trigger made of digits and kinds of characters rather than words.

    It is looked for in the shape of a text (`shape.py`) that holds one of `SHAPE_SIGNS`. Words, shapes and prefixes are
    looked for by automata of their own: in one, every place in a word would be multiplied by every count of digits, and
    the automaton would outgrow its memory.
    """

    __slots__ = ()


class Prefix(str):
    """A trigger that is the beginning of a key, of at least ten characters without a blank: machines draw them.

    It is looked for where a word is as long and has a digit, a capital or a sign inside.
    """

    __slots__ = ()


class Detector(Protocol):
    """`find` gets the numbers of its own triggers that hit. It may raise: then the content stays local.

    A trigger that is neither a `Shape` nor a `Prefix` is looked for whatever the case of the letters.

    Whatever its work depends on the number of candidates, it spends from `view.budget` for each.
    """

    @property
    def name(self) -> str: ...

    @property
    def triggers(self) -> Sequence[str]: ...

    def find(self, view: View, hits: Sequence[int]) -> Iterable[Span]: ...


@runtime_checkable
class Doubting(Detector, Protocol):
    """A detector that its triggers wake too easily."""

    def worth(self, hits: Sequence[int], data: bytes) -> bool:
        """Whether folded `data` may hold anything for it. NUL stands between texts that were joined and their names."""
        ...


@runtime_checkable
class Glancing(Detector, Protocol):
    """A detector that no trigger can tell enough: it reads everything itself, short texts several at once."""

    def find_in(
        self, segments: Sequence[Segment], texts: Sequence[str], joined: str, budget: Budget
    ) -> Mapping[int, Sequence[Span]]:
        """What there is in any of `segments`, of which `texts` are folded, and `joined` with NUL between them.

        A segment in which a trigger hits is read once more, with `find`, and what `find` says counts.
        """
        ...
