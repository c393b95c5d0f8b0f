"""If these fail, a caller spends what the operator forbids, or a dial means something that nobody has measured."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.settings import Route
from gateway.config.shape import settings_of
from gateway.dials.controllers import Controllers
from gateway.dials.dials import DialRefused, RouteDials, dials_of, report
from router.calibration.table import Table, shipped_table
from router.dial import KINDS
from tests.gateway.config.harness import BASE, loaded
from tests.gateway.stores.harness import HandClock


def own_table() -> Table:
    dice = random.Random(4)
    difficulties = [dice.random() for _ in range(1000)]
    hard = [dice.random() < value for value in difficulties]
    return Table.of("head", difficulties, [False] * 1000, hard, (Decimal("0.001"), Decimal("0.011")))


OWN = own_table()


def dials(dial: dict[str, Any] | None = None, table: Table = OWN, controllers: Controllers | None = None) -> RouteDials:
    route = settings_of(Route, {"small": ["small"], "large": ["large"], "dial": dial})
    return RouteDials("auto", route, table, controllers or Controllers(HandClock()))


def test_without_a_dial_the_routes_threshold_holds_and_requests_cost_nothing_more() -> None:
    made = dials()
    assert made.default is None
    assert made.own.threshold == 0.5


@pytest.mark.parametrize(
    ("dial", "threshold"),
    [
        ({"share": "0.3"}, 0.7),
        ({"cost": "4"}, 0.7),
        ({"threshold": "0.62"}, 0.62),
        ({"share": "0"}, 2.0),
        ({"share": "1"}, 0.0),
    ],
)
def test_each_kind_starts_where_the_table_has_it(dial: dict[str, Any], threshold: float) -> None:
    assert dials(dial).own.threshold == pytest.approx(threshold, abs=0.03)


def test_quality_is_the_threshold_of_the_table() -> None:
    found = dials({"quality": "0.9"}).own
    assert found.threshold == OWN.threshold_for(Decimal("0.9"))
    assert found.steering is None


def test_callers_may_ask_for_less_and_get_no_more() -> None:
    made = dials({"share": "0.3"})
    less, more = made.asked("0.1"), made.asked("share=0.9")
    assert (less.by, less.threshold > made.own.threshold) == ("caller", True)
    assert more is made.own
    assert made.asked("threshold=0") is made.own
    assert made.asked("quality=1") is made.own
    assert made.asked("cost=1000000") is made.own


@given(st.sampled_from(KINDS), st.decimals(0, 1, places=2), st.sampled_from(["share", "quality", "threshold", "cost"]))
def test_whatever_is_asked_for_the_operators_threshold_holds_at_least(kind: str, value: Decimal, own: str) -> None:
    made = dials({own: "0.4"})
    asked = made.asked(f"{kind}={value:f}")
    assert asked.threshold >= made.own.threshold


def test_a_route_without_a_dial_gives_no_more_than_its_threshold_either() -> None:
    made = dials()
    assert made.asked("threshold=0.1") is made.own
    assert made.asked("threshold=0.9").threshold == 0.9
    assert made.asked("1") is made.own


def test_callers_may_have_more_where_the_operator_says_so() -> None:
    made = dials({"share": "0.3", "callers": "any"})
    assert made.asked("0.9").threshold < made.own.threshold
    assert made.asked("threshold=0").threshold == 0.0


def test_callers_may_be_kept_out_altogether() -> None:
    with pytest.raises(DialRefused) as caught:
        dials({"share": "0.3", "callers": "none"}).asked("0.1")
    assert caught.value.code == "dial_not_allowed"


def test_a_bare_number_is_of_the_routes_own_kind() -> None:
    assert dials({"quality": "0.5"}).asked("0.5").dial == dials({"quality": "0.5"}).own.dial
    assert str(dials({"quality": "0.8", "callers": "any"}).asked("0.9").dial) == "quality=0.9"
    assert str(dials({"cost": "4", "callers": "any"}).asked("3").dial) == "cost=3"
    assert str(dials().asked("0.01").dial) == "share=0.01"


@pytest.mark.parametrize("text", ["", "much", "share=2", "-1", "speed=1"])
def test_what_is_no_dial_is_refused(text: str) -> None:
    with pytest.raises(DialRefused) as caught:
        dials().asked(text)
    assert caught.value.code == "invalid_dial"


@pytest.mark.parametrize("text", ["quality=0.5", "cost=1"])
def test_what_was_never_measured_is_refused(text: str) -> None:
    with pytest.raises(DialRefused) as caught:
        dials(table=shipped_table()).asked(text)
    assert caught.value.code == "dial_not_calibrated"
    assert "tidegate calibrate" in str(caught.value)


def test_a_quality_finer_than_the_rows_can_promise_is_refused() -> None:
    with pytest.raises(DialRefused, match=r"not calibrated for quality=0\.9999"):
        dials({"share": "0.1"}).asked("quality=0.9999")


def test_the_same_dial_is_the_same_controller_and_a_reload_keeps_it() -> None:
    controllers = Controllers(HandClock())
    before = dials({"share": "0.3", "callers": "any"}, controllers=controllers)
    assert before.own.steering is not None
    before.own.steering.heed(True, 0.9)
    turned = before.own.threshold
    after = dials({"share": "0.30", "callers": "any"}, controllers=controllers)
    assert after.own.threshold == turned
    assert after.asked("share=0.3").steering is before.own.steering
    assert after.asked("share=0.2").steering is not before.own.steering
    assert dials({"share": "0.3"}, shipped_table(), controllers).own.steering is not before.own.steering


async def test_what_answers_cost_moves_what_a_budget_buys() -> None:
    made = dials({"cost": "6"})
    assert made.own.steering is not None
    for _ in range(2000):
        made.spent("large", Decimal("0.051"))
        made.spent("small", Decimal("0.001"))
    made.own.heed(True, 0.9)
    assert made.own.steering.share == pytest.approx(0.1, abs=0.01)


def test_with_another_model_a_quality_is_kept_as_the_share_that_it_came_to() -> None:
    """Its thresholds are of another scale; the share, the spending with it, is what the operator had."""
    route = settings_of(Route, {"small": ["small"], "large": ["large"], "dial": {"quality": "0.9"}})
    made = RouteDials("auto", route, OWN, Controllers(HandClock()), stale=True)
    threshold = OWN.threshold_for(Decimal("0.9"))
    assert threshold is not None
    assert made.own.steering is not None
    assert made.own.steering.share == pytest.approx(1 - threshold, abs=0.03)
    assert str(made.own).startswith("quality=0.9; threshold=")
    assert made.asked("quality=0.95").by == "route"


def test_which_model_serves_tells_a_stale_table_from_a_good_one() -> None:
    settings = loaded(BASE.replace("large: [large]}", "large: [large], dial: {share: 0.3}}"))
    head = "0123456789abcdef" * 4
    known = replace(settings, tables={"auto": replace(OWN, head=head)})
    for heads, stale in (({"small": head[:12]}, False), ({"small": "fedcba987654"}, True), ({}, True)):
        (key,) = {each.key for each in dials_of(known, Controllers(HandClock()), heads).values()}
        assert key.endswith("-stale") == stale
    shipped = replace(settings, tables={"auto": replace(OWN, head=shipped_table().head)})
    assert not dials_of(shipped, Controllers(HandClock()))["auto"].key.endswith("-stale")


def test_gauges_are_shown_of_dials_that_move() -> None:
    shown: dict[str, tuple[float, float, float]] = {}
    each = {"auto": dials({"share": "0.3"}), "plain": dials(), "fixed": dials({"threshold": "0.4"})}
    report(each, lambda route, *numbers: shown.update({route: numbers}))
    assert list(shown) == ["auto"]
    assert shown["auto"][:2] == (0.3, 0.3)
