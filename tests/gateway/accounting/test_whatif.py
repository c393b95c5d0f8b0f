"""What another decision would have cost must be what it would have cost: worked by hand, request by request."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from gateway.accounting.against import Named
from gateway.accounting.asked import Asked, Traffic
from gateway.accounting.catalogue import Catalogue
from gateway.accounting.history import Past
from gateway.accounting.usage import Usage
from gateway.accounting.whatif import Model, Outcome, Scenario, as_it_was, replayed
from gateway.config.price import MachinePrice, Price, TokenPrice
from gateway.config.settings import Deployment
from router.calibration.replay import CannotReplay
from router.dial import dial_of
from router.difficulty.evaluation import Interval


def by_token(price_in: int, price_out: int) -> Deployment:
    return Deployment(
        zone="cloud",
        engine="openai",
        price=Price(tokens=TokenPrice(input=Decimal(price_in), output=Decimal(price_out))),
    )


DEPLOYMENTS = {
    "small": Deployment(zone="local", engine="openai", price=Price(machine=MachinePrice(per_hour=Decimal(1)))),
    "large": by_token(10, 50),
    "cheap": by_token(1, 5),
    "odd": Deployment(zone="cloud", engine="openai", base_url="http://10.0.0.1/v1"),
}


def model(name: str, *, instead: bool = False) -> Model:
    return Model(name, Named.maybe_unpriced(name, DEPLOYMENTS, catalogue=Catalogue(Path("/nowhere"))).book, instead)


SMALL, LARGE = model("small"), model("large")
USAGE = Usage(1000, 100)  # 0.015 $ at large, 0.0015 $ at cheap
HOME_COST = Decimal("0.0002")


def past(deployment: str, reason: str, difficulty: float | None, **changes: object) -> Past:
    cost = HOME_COST if deployment == "small" else Decimal("0.015")
    return Past(
        request="r", at=1.0, settled_at=2.0, outcome="ok", role="answer", route="auto", key="k", team=None,
        model=deployment, deployment=deployment, zone="local" if deployment == "small" else "cloud", clearance="any",
        reason=reason, difficulty=difficulty, cost=cost, counterfactual=Decimal("0.015"), latency=1.0, cache="off",
        tags=(), usage=USAGE,
    )._replace(**changes)  # type: ignore[arg-type] # fmt: skip


def easy(difficulty: float) -> Asked:
    return Asked(past("small", "easy", difficulty), Decimal(0), steered=True, large=False)


def hard(difficulty: float) -> Asked:
    return Asked(past("large", "hard", difficulty), Decimal(0), steered=True, large=True)


SENSITIVE = Asked(past("small", "sensitive", 0.99), Decimal(0), steered=False, large=False)
FAILED = Asked(None, Decimal("0.001"), steered=False, large=False)
HIT = Asked(past("", "cache", None, outcome="hit", cost=Decimal(0)), Decimal(0), steered=False, large=False)


PER_TOKEN = {"small": Decimal("0.000002")}


def traffic(*requests: Asked, longer: Interval | None = None, known: dict[str, Decimal] = PER_TOKEN) -> Traffic:
    return Traffic(requests, longer, 0 if longer is None else 100, known)


def booked(past: Past) -> Decimal | None:
    return past.counterfactual


def play(traffic: Traffic, dial: str | None = None, **changes: object) -> Outcome:
    scenario = Scenario("x", *(changes.pop(side, usual) for side, usual in (("small", SMALL), ("large", LARGE))))  # type: ignore[arg-type]
    named = {"dial": dial and dial_of(dial), **changes}
    scenario = Scenario("x", scenario.small, scenario.large, **named)  # type: ignore[arg-type]
    return replayed(traffic, scenario, None, booked)


SIXTY = [easy(place / 100) for place in range(40)] + [hard(0.5 + place / 100) for place in range(20)]


def test_as_it_was() -> None:
    found = as_it_was(traffic(*SIXTY, SENSITIVE, FAILED, HIT), booked)
    assert found.requests == 63
    assert found.large == 20 / 61
    assert found.spent == 41 * HOME_COST + 20 * Decimal("0.015") + Decimal("0.001")
    assert found.reference == 62 * Decimal("0.015")
    assert found.saved == found.reference - found.spent
    assert found.between == (found.spent, found.spent)
    assert (found.unknown, found.not_compared) == (0, 0)


def test_all_to_the_large_model() -> None:
    """What was decided by something else than difficulty stays where it was, whatever the dial says."""
    found = play(traffic(*SIXTY, SENSITIVE, FAILED, HIT), "threshold=0")
    assert found.large == 60 / 61
    assert found.spent == 60 * Decimal("0.015") + HOME_COST + Decimal("0.001")


def test_nothing_to_the_large_model() -> None:
    found = play(traffic(*SIXTY), "share=0")
    assert found.large == 0
    # 100 tokens at 0.000002 $ for those that move; the others cost what they cost.
    assert found.spent == 40 * HOME_COST + 20 * Decimal("0.0002")


def test_a_threshold_moves_what_lies_between() -> None:
    found = play(traffic(*SIXTY), "threshold=0.3")
    assert found.spent == 30 * HOME_COST + 30 * Decimal("0.015")


def test_a_share_is_kept() -> None:
    found = play(traffic(*SIXTY * 5), "share=0.2")
    assert found.large == pytest.approx(0.2, abs=0.03)


def test_what_a_model_was_never_sure_of_goes_large() -> None:
    unsure = Asked(past("large", "unsure", 0.1), Decimal(0), steered=True, large=True)
    assert play(traffic(*SIXTY, unsure), "threshold=0.9").large == pytest.approx(1 / 61)


def test_the_same_decisions_cost_what_they_cost() -> None:
    """Not what they would cost by today's prices."""
    requests = [hard(0.9)._replace(answer=past("large", "hard", 0.9, cost=Decimal("0.4"))), easy(0.1)]
    assert play(traffic(*requests), "threshold=0.5").spent == Decimal("0.4") + HOME_COST


def test_an_answer_of_another_model_may_be_longer() -> None:
    longer = Interval(1.5, 1.2, 2.0)
    found = play(traffic(easy(0.1), longer=longer), "threshold=0")
    assert found.spent == Decimal("0.0175")  # 1,000 at 10 $ and 150 at 50 $ a million
    assert found.between == (Decimal("0.016"), Decimal("0.02"))
    back = play(traffic(hard(0.9), longer=Interval(2.0, 2.0, 2.0)), "threshold=1")
    assert back.spent == Decimal("0.0001")  # half the tokens at home


def test_a_machine_that_has_answered_too_little_makes_it_unknown() -> None:
    found = play(traffic(hard(0.9), easy(0.1), known={}), "threshold=1")
    assert (found.unknown, found.spent) == (1, HOME_COST)


def test_another_large_model() -> None:
    found = play(traffic(*SIXTY), large=model("cheap", instead=True))
    assert found.spent == 40 * HOME_COST + 20 * Decimal("0.0015")
    assert found.large == 20 / 60


def test_a_model_whose_price_nobody_knows() -> None:
    found = play(traffic(hard(0.9)), large=model("odd", instead=True))
    assert (found.spent, found.between, found.unknown, found.saved) == (None, None, 1, None)


def test_without_the_cache_what_it_answered_goes_where_the_others_go() -> None:
    found = play(traffic(hard(0.9), easy(0.1), HIT), cache=Decimal(0))
    assert found.spent == Decimal("0.015") + HOME_COST + (Decimal("0.015") + Decimal("0.0002")) / 2


def test_a_cache_that_answers_a_share() -> None:
    without = play(traffic(*SIXTY), cache=Decimal(0)).spent
    assert without is not None
    assert play(traffic(*SIXTY), cache=Decimal("0.25")).spent == without * Decimal("0.75")


def test_a_cost_dial_needs_to_know_what_both_cost() -> None:
    assert play(traffic(*SIXTY), "cost=1000").large == 1
    with pytest.raises(CannotReplay):
        play(traffic(*SIXTY, known={}), "cost=5")


def test_no_answer_to_price_is_not_compared() -> None:
    answer = past("large", "hard", 0.9, counterfactual=None)
    found = as_it_was(traffic(Asked(answer, Decimal(0), steered=True, large=True)), booked)
    assert (found.saved, found.reference, found.not_compared) == (None, None, 1)
