"""One place says how sure is sure enough."""

from __future__ import annotations

from router.sensitivity.thresholds import BY_TYPE, DEFAULT, threshold


def test_threshold() -> None:
    assert threshold("EMAIL") == DEFAULT
    assert all(0.0 < value < 1.0 and threshold(kind) == value for kind, value in BY_TYPE.items())
