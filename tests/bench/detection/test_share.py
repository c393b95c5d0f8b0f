"""A share from few rows must not look like one from many."""

from __future__ import annotations

import pytest

from bench.detection.rows import Judged, Row
from bench.detection.share import Share


@pytest.mark.parametrize(
    ("share", "low", "high"),
    [  # Wilson's interval, as tables have it
        (Share(0, 10), 0.0, 0.2775),
        (Share(10, 10), 0.7225, 1.0),
        (Share(8, 10), 0.4902, 0.9433),
        (Share(985, 1000), 0.9754, 0.9909),
    ],
)
def test_interval(share: Share, low: float, high: float) -> None:
    assert share.interval == pytest.approx((low, high), abs=1e-4)


def test_of_documents_and_spans() -> None:
    row = Row("1", "source", "en", "x" * 30, "strong", [(0, 5, "PERSON"), (10, 15, "ADDRESS"), (20, 25, "DATE")])
    some = [Judged(row, ((12, 14, "ADDRESS"),)), Judged(row, ())]
    assert Share.of_documents(some) == Share(1, 2)
    assert Share.of_spans(some) == Share(1, 4)  # a date identifies nobody
    assert Share.of_spans(some, "ADDRESS") == Share(1, 2)


def test_of_nothing() -> None:
    assert str(Share(0, 0)) == "no rows"
