"""If these fail, the plot shows nothing, or nobody is told what it takes to draw one."""

from __future__ import annotations

import io
import sys
from decimal import Decimal

import pytest
from PIL import Image

from gateway.cli.plot import SIZE, CannotPlot, Scale, plot
from router.calibration.crossfit import Proportion
from router.calibration.replay import Outcome
from router.difficulty.evaluation import Interval

BLUE = (24, 90, 170)


def outcome(name: str, share: float, kept: float | None, cost: str | None) -> Outcome:
    interval = None if kept is None else Interval(kept, kept - 0.02, kept + 0.02)
    money = None if cost is None else Decimal(cost)
    return Outcome(name, Proportion(int(share * 1000), 1000), None, interval, interval, money, None)


SMALL, LARGE = outcome("all small", 0, 0.6, "0.1"), outcome("all large", 1, 1.0, "9")
DIALS = [outcome(f"share=0.{step}", step / 10, 0.6 + step / 25, str(step)) for step in range(1, 9)]


def pixels(data: bytes) -> dict[object, int]:
    colours = Image.open(io.BytesIO(data)).convert("RGB").getcolors(1 << 20)
    assert colours is not None
    return {colour: count for count, colour in colours}


@pytest.mark.parametrize("cost", [True, False])
def test_every_dial_has_its_mark(cost: bool) -> None:
    ends = (SMALL, LARGE) if cost else (outcome("all small", 0, 0.6, None), outcome("all large", 1, 1.0, None))
    data = plot(*ends, DIALS)
    assert data.startswith(b"\x89PNG")
    assert Image.open(io.BytesIO(data)).size == SIZE
    few, many = pixels(plot(*ends, DIALS[:1]))[BLUE], pixels(data)[BLUE]
    assert many > 5 * few


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0.6, 1.0), (0, 2500), (1e-6, 2e-6), (-1, 1)])
def test_ticks_are_few_and_within(low: float, high: float) -> None:
    scale = Scale.of([low, high], 0, 100)
    assert 4 <= len(scale.ticks) <= 14
    assert all(-0.01 <= scale.at(tick) <= 100.01 for tick in scale.ticks)


def test_all_in_one_place_is_drawn_all_the_same() -> None:
    assert plot(outcome("all small", 0.5, 0.9, "1"), outcome("all large", 0.5, 0.9, "1"), []).startswith(b"\x89PNG")


def test_without_quality_there_is_nothing_to_draw() -> None:
    with pytest.raises(CannotPlot, match="weak_score"):
        plot(outcome("all small", 0, None, "1"), LARGE, DIALS)


def test_without_pillow_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(CannotPlot, match=r"pip install 'tidegate\[plot\]'"):
        plot(SMALL, LARGE, DIALS)
