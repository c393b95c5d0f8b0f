"""A short soak: mixed traffic while models' servers, Redis and the configuration are not left in peace.

`python -m bench.soak` does so for half an hour, and watches memory too.
"""

from __future__ import annotations

from bench.soak.questions import WEIGHTS
from bench.soak.soak import Plan, soak

PLAN = Plan(seconds=14, rate=30, every=1.5, seed=7)


def test_nothing_is_lost_leaked_wrong_or_told_outside() -> None:
    seen = soak(PLAN)
    assert seen.faults() == []
    assert seen.troubles.total() >= 3
    assert {one.kind for one in seen.results} == set(WEIGHTS)
    assert sum(one.whole for one in seen.results) > len(seen.results) / 2
    assert any(one.hit for one in seen.results)
    assert any(one.status == 200 and not one.whole and not one.left for one in seen.results)  # some were cut
    assert seen.books.rows > len(seen.results) / 2
