"""If these fail, requests go to the wrong model, or to one that may not see them."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.clearance import ANY, LOCAL, Clearance
from router.decision import Reason
from router.difficulty.estimate import Difficulty
from router.fleet import Candidate
from router.ranks import NOBODY
from router.strategy import RoutePlan, order, went_large

FLEET = {"small": Candidate("small", "local"), "large": Candidate("large", "cloud")}
ROUTE = RoutePlan("auto", ("small",), ("large",))
EASY, HARD = Difficulty(0.1), Difficulty(0.9)


def codes(reasons: tuple[object, ...]) -> list[str]:
    return [str(reason).partition("(")[0] for reason in reasons]


def test_easy_goes_to_small_and_falls_back_to_large() -> None:
    assert order(ROUTE, ANY, EASY, FLEET)[0] == ("small", "large")


def test_hard_goes_to_large_and_falls_back_to_small() -> None:
    assert order(ROUTE, ANY, HARD, FLEET)[0] == ("large", "small")


def test_hard_but_local_stays_and_says_so() -> None:
    names, reasons = order(ROUTE, LOCAL, HARD, FLEET)
    assert names == ("small",)
    assert codes(reasons) == ["hard", "locality"]


def test_a_route_that_prefers_the_cloud_stays_under_the_clearance() -> None:
    route = RoutePlan("cloud", ("small",), ("large",), prefer="large")
    assert order(route, LOCAL, None, FLEET)[0] == ("small",)
    assert order(route, ANY, None, FLEET)[0] == ("large", "small")


def test_hard_without_a_large_model_is_answered_small_and_says_so() -> None:
    names, reasons = order(ROUTE, ANY, HARD, {"small": FLEET["small"]})
    assert names == ("small",)
    assert codes(reasons) == ["hard", "large-unavailable"]


def test_what_is_down_is_tried_last() -> None:
    fleet = {**FLEET, "large": Candidate("large", "cloud", up=False)}
    names, reasons = order(ROUTE, ANY, HARD, fleet)
    assert names == ("small", "large")
    assert codes(reasons) == ["hard", "large-unavailable"]


def test_nothing_permitted_is_nothing_at_all() -> None:
    names, reasons = order(RoutePlan("cloud", (), ("large",)), LOCAL, None, FLEET)
    assert names == ()
    assert codes(reasons)[-1] == "no-deployment"


def test_a_model_without_tools_is_not_handed_any() -> None:
    fleet = {**FLEET, "small": Candidate("small", "local", lacks=frozenset({"tools"}))}
    names, reasons = order(ROUTE, ANY, EASY, fleet, {"tools": "tools"})
    assert names == ("large",)
    assert [str(reason) for reason in reasons][1:] == ["capability(tools)"]
    assert order(ROUTE, ANY, EASY, fleet, {"vision": "messages[0].content[1]"})[0] == ("small", "large")


def test_what_nobody_permitted_can_do_is_named_and_nobody_is_asked() -> None:
    fleet = {**FLEET, "small": Candidate("small", "local", lacks=frozenset({"tools", "audio"}))}
    names, reasons = order(ROUTE, LOCAL, EASY, fleet, {"seed": "seed", "tools": "functions"})
    assert (names, str(reasons[-1])) == ((), "capability(tools)")


def test_where_the_clearance_leaves_nobody_it_is_not_a_question_of_what_they_can_do() -> None:
    fleet = {"large": Candidate("large", "cloud", lacks=frozenset({"tools"}))}
    assert order(ROUTE, LOCAL, EASY, fleet, {"tools": "tools"})[1][-1].code == "no-deployment"


def test_a_deployment_that_can_but_is_down_is_asked_all_the_same() -> None:
    fleet = {
        "small": Candidate("small", "local", lacks=frozenset({"tools"})),
        "large": Candidate("large", "cloud", up=False),
    }
    assert order(ROUTE, ANY, EASY, fleet, {"tools": "tools"})[0] == ("large",)


def test_a_plan_for_something_else_than_text_says_what_for() -> None:
    plan = RoutePlan("auto", ("small", "large"), purpose="embeddings")
    assert not plan.asks_difficulty
    assert order(plan, ANY, None, FLEET) == (("small", "large"), (Reason("embeddings"),))
    assert order(plan, LOCAL, None, FLEET)[0] == ("small",)


def test_in_doubt_about_quality_the_better_class() -> None:
    assert order(ROUTE, ANY, Difficulty(0.1, abstained=True), FLEET)[0][0] == "large"


@pytest.mark.parametrize(("threshold", "first"), [(0.2, "large"), (0.4, "small")])
def test_the_threshold_is_the_routes(threshold: float, first: str) -> None:
    assert (
        order(RoutePlan("r", ("small",), ("large",), threshold=threshold), ANY, Difficulty(0.3), FLEET)[0][0] == first
    )


ZONES = ("local", "eu", "cloud")
abilities = st.frozensets(st.sampled_from(["tools", "vision", "seed"]))
candidates = st.lists(st.tuples(st.sampled_from(ZONES), st.booleans(), abilities), min_size=1, max_size=5).map(
    lambda rows: {f"d{n}": Candidate(f"d{n}", zone, up, lacks) for n, (zone, up, lacks) in enumerate(rows)}
)


@given(
    candidates,
    st.none() | st.frozensets(st.sampled_from(ZONES)),
    st.booleans(),
    st.none() | st.floats(0, 1),
    st.sampled_from(["auto", "small", "large"]),
    abilities,
    st.data(),
)
def test_no_order_ever_names_a_deployment_that_may_not_or_cannot(
    fleet: dict[str, Candidate],
    zones: frozenset[str] | None,
    masked: bool,
    difficulty: float | None,
    prefer: str,
    asked: frozenset[str],
    data: st.DataObject,
) -> None:
    names = sorted(fleet)
    cut = data.draw(st.integers(0, len(names)))
    route = RoutePlan("r", tuple(names[:cut]), tuple(names[cut:]), prefer=prefer)  # type: ignore[arg-type]
    clearance = Clearance(zones, masked)
    needs = {name: f"the field {name}" for name in sorted(asked)}
    estimate = None if difficulty is None else Difficulty(difficulty)
    ordered, reasons = order(route, clearance, estimate, fleet, needs)
    permitted = {name for name in names if clearance.permits(fleet[name].zone)}
    assert set(ordered) == {name for name in permitted if not fleet[name].lacks & asked}
    if not ordered:
        assert reasons[-1].code == ("capability" if permitted else "no-deployment")
        if permitted:
            assert reasons[-1].detail in asked
    assert len(set(ordered)) == len(ordered)
    up = [fleet[name].up for name in ordered]
    assert up == sorted(up, reverse=True)


def test_order_does_not_depend_on_how_the_fleet_is_listed() -> None:
    fleets = [dict(items) for items in permutations(FLEET.items())]
    assert len({order(ROUTE, ANY, HARD, fleet)[0] for fleet in fleets}) == 1


def test_what_can_be_masked_goes_outside_as_well() -> None:
    masked = Clearance.parse("masked")
    assert order(ROUTE, masked, HARD, FLEET)[0] == ("small",)
    assert order(ROUTE, masked, HARD, FLEET, masked=True) == (("large", "small"), (Reason("hard", "0.90>=0.50"),))
    assert order(ROUTE, Clearance.parse("masked:eu+local"), HARD, FLEET, masked=True)[0] == ("small",)


def test_a_request_may_have_a_threshold_of_its_own() -> None:
    middle = Difficulty(0.5)
    assert order(ROUTE, ANY, middle, FLEET, threshold=0.6)[0] == ("small", "large")
    assert order(ROUTE, ANY, middle, FLEET, threshold=0.4)[0] == ("large", "small")
    assert codes(order(ROUTE, ANY, EASY, FLEET, threshold=0.0)[1]) == ["hard"]


def test_where_nothing_may_go_to_the_large_model_what_nobody_can_tell_stays_too() -> None:
    unknown = Difficulty(0.9, abstained=True)
    assert codes(order(ROUTE, ANY, unknown, FLEET, threshold=1.0)[1]) == ["unsure"]
    names, reasons = order(ROUTE, ANY, unknown, FLEET, threshold=NOBODY)
    assert names == ("small", "large")
    assert codes(reasons) == ["dial-spent"]


@pytest.mark.parametrize(
    ("difficulty", "clearance", "fleet", "large"),
    [
        (HARD, ANY, FLEET, True),
        (EASY, ANY, FLEET, False),
        (Difficulty(0.1, abstained=True), ANY, FLEET, True),
        (HARD, LOCAL, FLEET, None),
        (EASY, LOCAL, FLEET, None),
        (HARD, ANY, {"small": FLEET["small"]}, None),
        (HARD, ANY, {**FLEET, "large": Candidate("large", "cloud", up=False)}, None),
        (EASY, ANY, {**FLEET, "large": Candidate("large", "cloud", up=False)}, None),
        (EASY, ANY, {**FLEET, "small": Candidate("small", "local", up=False)}, None),
        (HARD, ANY, {**FLEET, "small": Candidate("small", "local", up=False)}, None),
        (EASY, ANY, {**FLEET, "large": Candidate("large", "cloud", lacks=frozenset({"tools"}))}, None),
    ],
)
def test_difficulty_had_a_say_only_where_both_classes_could_be_asked(
    difficulty: Difficulty, clearance: Clearance, fleet: dict[str, Candidate], large: bool | None
) -> None:
    needs = {"tools": "tools"} if any(candidate.lacks for candidate in fleet.values()) else {}
    names, reasons = order(ROUTE, clearance, difficulty, fleet, needs)
    assert went_large(ROUTE, names, reasons, fleet) is large


def test_where_something_else_decided_difficulty_had_no_say() -> None:
    for route in (RoutePlan("r", ("small",), ("large",), prefer="large"), RoutePlan("r", ("small",), ())):
        names, reasons = order(route, ANY, None, FLEET)
        assert went_large(route, names, reasons, FLEET) is None
    assert went_large(ROUTE, (), (), FLEET) is None
