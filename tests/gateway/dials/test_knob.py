"""If these fail, a caller gets more of the large model than the operator gives, or a receipt says something else."""

from __future__ import annotations

from decimal import Decimal

from gateway.dials.knob import Knob, strictest
from router import ranks
from router.costs import Costs
from router.dial import Dial
from router.steering import Steering

EVEN = tuple(step / 100 for step in range(101))


def knob(threshold: float, by: str = "route", dial: Dial | None = None) -> Knob:
    return Knob(by, dial, threshold)


def test_the_higher_threshold_holds_whoever_set_it() -> None:
    low, high = knob(0.2, "caller"), knob(0.7)
    assert strictest(high, low) is high
    assert strictest(low, high) is high


def test_the_receipt_says_dial_difficulty_and_who() -> None:
    assert str(knob(0.61234, "caller", Dial("share", Decimal("0.3")))) == "share=0.3; threshold=0.6123; by=caller"
    assert str(knob(0.5)) == "threshold=0.5000; by=route"
    assert str(knob(ranks.NOBODY, dial=Dial("share", Decimal(0)))) == "share=0; threshold=none; by=route"


def test_a_threshold_that_does_not_move_hears_nothing() -> None:
    fixed = knob(0.5)
    fixed.heed(True, 0.9)
    assert fixed.threshold == 0.5


def test_a_budget_is_turned_into_a_share_by_what_answers_cost_now() -> None:
    costs, moved = Costs(0.001, 0.011), []
    steering = Steering(EVEN, ranks.start(EVEN, 0.0, 0.4), 0.4)
    turned = Knob("route", Dial("cost", Decimal(5)), 0.0, steering, costs, lambda: moved.append(1))
    before = turned.threshold
    turned.heed(False, 0.1)
    assert turned.threshold < before
    assert round(steering.share, 6) == 0.4
    costs.large = 0.021
    turned.heed(False, 0.1)
    assert round(steering.share, 6) == 0.2
    assert moved == [1, 1]
