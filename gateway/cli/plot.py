"""Plot: cost against quality kept, as a PNG. Drawn with Pillow, which comes with the extra `plot`."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from router.calibration.replay import Outcome

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

SIZE = (960, 640)  # pixels
_LEFT, _TOP, _RIGHT, _BOTTOM = 90, 70, 930, 560  # of the field
_INK, _GREY, _PALE = (30, 30, 30), (140, 140, 140), (225, 225, 225)
_BLUE, _BAND, _RED = (24, 90, 170), (150, 185, 225), (190, 60, 50)
_DOT = 5  # pixels


class CannotPlot(Exception):
    """There is nothing to draw, or nothing to draw with. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Scale:
    """From values to pixels along one axis."""

    low: float
    high: float
    begin: int
    end: int

    def at(self, value: float) -> float:
        return self.begin + (value - self.low) / (self.high - self.low) * (self.end - self.begin)

    @property
    def ticks(self) -> list[float]:
        """Round values, some five to ten."""
        rough = (self.high - self.low) / 6
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
        first = math.ceil(self.low / step - 1e-9)
        return [place * step for place in range(first, math.floor(self.high / step + 1e-9) + 1)]

    @classmethod
    def of(cls, values: Sequence[float], begin: int, end: int) -> Scale:
        low, high = min(values), max(values)
        room = (high - low) * 0.06 or max(abs(high) * 0.1, 0.01)
        return cls(low - room, high + room, begin, end)


@dataclass(frozen=True, slots=True)
class Point:
    """An outcome on the plot: `x` is dollars per 1,000 requests, or the share where costs are unknown."""

    name: str
    x: float
    y: float
    low: float
    high: float


def plot(small: Outcome, large: Outcome, dials: Sequence[Outcome]) -> bytes:
    """The PNG: the two ends, the line between them that a coin reaches, and the dials with 95 % intervals of quality.

    Raises `CannotPlot`.
    """
    try:
        from PIL import Image, ImageDraw, ImageFont
    except ImportError as error:
        raise CannotPlot("a plot is drawn with Pillow: pip install 'tidegate[plot]'") from error
    by_cost = small.cost is not None and large.cost is not None
    first, last = _point(small, by_cost), _point(large, by_cost)
    points = sorted((_point(dial, by_cost) for dial in dials), key=lambda point: point.x)
    everything = [first, last, *points]
    across = Scale.of([point.x for point in everything], _LEFT, _RIGHT)
    up = Scale.of([value for point in everything for value in (point.low, point.high)], _BOTTOM, _TOP)
    image = Image.new("RGB", SIZE, "white")
    draw = ImageDraw.Draw(image)
    draw.font = ImageFont.load_default(14)
    _axes(draw, across, up, "dollars per 1,000 requests" if by_cost else "share of requests to the large model")
    draw.line([(across.at(point.x), up.at(point.y)) for point in (first, last)], _GREY, 2)
    if points:
        draw.line([(across.at(point.x), up.at(point.y)) for point in (first, *points, last)], _BAND, 2)
    for place, point in enumerate([first, *points, last]):
        _mark(draw, point, across, up, _BLUE if point in points else _RED, below=place % 2 == 0 and point is not last)
    _legend(draw, small.share.count)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _point(outcome: Outcome, by_cost: bool) -> Point:
    kept = outcome.kept
    if kept is None or kept.value is None:
        raise CannotPlot("there is no quality to plot: no row has weak_score and strong_score")
    x = float(outcome.cost) if by_cost and outcome.cost is not None else outcome.share.value
    value = kept.value
    return Point(outcome.name, x, value, kept.low or value, kept.high or value)


def _axes(draw: ImageDraw, across: Scale, up: Scale, what: str) -> None:
    for value in across.ticks:
        x = across.at(value)
        draw.line([(x, _TOP), (x, _BOTTOM)], _PALE)
        draw.text((x, _BOTTOM + 8), f"{value:g}", _INK, anchor="ma")
    for value in up.ticks:
        y = up.at(value)
        draw.line([(_LEFT, y), (_RIGHT, y)], _PALE)
        draw.text((_LEFT - 8, y), f"{value:.1%}", _INK, anchor="rm")
    draw.rectangle([_LEFT, _TOP, _RIGHT, _BOTTOM], outline=_INK)
    draw.text(((_LEFT + _RIGHT) / 2, _BOTTOM + 36), what, _INK, anchor="ma")
    draw.text((_LEFT, _TOP - 40), "quality kept, of what the large model alone reaches", _INK)


def _mark(
    draw: ImageDraw, point: Point, across: Scale, up: Scale, colour: tuple[int, int, int], *, below: bool
) -> None:
    """With its name below to the right, or above to the left: in turns, so that near ones do not cover each other."""
    x, y = across.at(point.x), up.at(point.y)
    draw.line([(x, up.at(point.low)), (x, up.at(point.high))], colour, 1)
    draw.ellipse([x - _DOT, y - _DOT, x + _DOT, y + _DOT], fill=colour)
    draw.text((x + (9 if below else -9), y + (6 if below else -6)), point.name, colour, anchor="la" if below else "rd")


def _legend(draw: ImageDraw, rows: int) -> None:
    draw.line([(_LEFT, _TOP - 12), (_LEFT + 30, _TOP - 12)], _GREY, 2)
    draw.text((_LEFT + 38, _TOP - 12), "by lot", _INK, anchor="lm")
    draw.line([(_LEFT + 110, _TOP - 12), (_LEFT + 140, _TOP - 12)], _BAND, 2)
    draw.text((_LEFT + 148, _TOP - 12), f"by dial, with 95 % intervals; {rows} rows", _INK, anchor="lm")
