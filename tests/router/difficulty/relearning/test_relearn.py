"""A user loses: a router that learns nothing from honest feedback, or one that anybody can turn by lying to it."""

from __future__ import annotations

import numpy as np
import pytest

from router.difficulty.estimator import Estimator
from router.difficulty.relearning.gates import Permission
from router.difficulty.relearning.relearn import Relearned, relearn
from router.difficulty.vectors import shipped
from router.difficulty.view import view_of_text
from tests.router.difficulty.relearning.traffic import SHIPPED, Asked, Attack, difficulty, requests, told

Random = np.random.Generator


def failed(result: Relearned) -> set[str]:
    return {gate.name for gate in result.gates if not gate.held}


@pytest.fixture(scope="module")
def honest() -> Relearned:
    return relearn(SHIPPED, told(requests(500, 1)))


def test_honest_feedback_of_500_requests_passes_every_gate(honest: Relearned) -> None:
    assert honest.passed, failed(honest)
    change = honest.figures["apgr"].change
    assert change.low is not None
    assert change.low > 0


def test_the_new_head_knows_which_topics_the_small_model_fails_on(honest: Relearned) -> None:
    assert honest.challenger is not None
    assert difficulty(honest.challenger, "contracts") > 0.5 > difficulty(honest.challenger, "cooking")
    assert difficulty(honest.challenger, "contracts") > difficulty(SHIPPED, "contracts") + 0.1


def test_the_figures_are_those_of_requests_never_seen(honest: Relearned) -> None:
    assert honest.challenger is not None
    fresh = requests(2000, 77)
    p = np.array([honest.challenger.estimate_view(view_of_text(one.text)).probability for one in fresh])
    bad = np.array([not one.good for one in fresh])
    brier = float(np.square(p - np.where(bad, 0.9, 0.1)).mean())  # one thumb in ten is wrong
    assert honest.figures["brier"].new.value == pytest.approx(brier + 0.09, abs=0.04)


def test_the_challenger_serves_as_any_other_head(honest: Relearned) -> None:
    assert honest.challenger is not None
    estimator = Estimator.of(honest.challenger, shipped())
    for one in requests(50, 5):
        slow = honest.challenger.estimate_view(view_of_text(one.text))
        fast = estimator.estimate_view(view_of_text(one.text))
        assert fast.probability == pytest.approx(slow.probability, abs=1e-4)
        assert fast.abstained == slow.abstained


def inverted(one: Asked, random: Random) -> tuple[str, bool]:
    return one.key, not one.good


def noise(one: Asked, random: Random) -> tuple[str, bool]:
    return one.key, bool(random.random() < 0.5)


def flooding(one: Asked, random: Random) -> tuple[str, bool]:
    """One key says of seven requests in ten what is not so."""
    return ("key-0", not one.good) if one.number % 10 < 7 else (one.key, one.good)


def almost_alone(one: Asked, random: Random) -> tuple[str, bool]:
    """Nine labels in ten are of one key, which wants everything to go to the large model."""
    return ("key-0", False) if one.number % 10 else (one.key, one.good)


def colluding(one: Asked, random: Random) -> tuple[str, bool]:
    """Three keys in eight turn everything around."""
    return one.key, one.good != (one.key in {"key-0", "key-1", "key-2"})


def in_league_for_the_small(one: Asked, random: Random) -> tuple[str, bool]:
    return one.key, one.good or one.key in {"key-0", "key-1", "key-2"}


def in_league_for_the_large(one: Asked, random: Random) -> tuple[str, bool]:
    return one.key, one.good and one.key not in {"key-0", "key-1", "key-2"}


def targeted(one: Asked, random: Random) -> tuple[str, bool]:
    """Two keys ask mostly about cooking, and call every answer bad."""
    if one.topic == "cooking" and random.random() < 0.7:
        return f"key-{random.integers(2)}", False
    return one.key, one.good


@pytest.mark.parametrize(
    "attack",
    [
        inverted,
        noise,
        flooding,
        almost_alone,
        colluding,
        in_league_for_the_small,
        in_league_for_the_large,
        targeted,
    ],
)
def test_poisoned_feedback_does_not_pass(attack: Attack) -> None:
    result = relearn(SHIPPED, told(requests(500, 1), attack, seed=1))
    assert not result.passed


def test_poison_that_looks_better_on_its_own_labels_is_seen_against_trusted_ones() -> None:
    """Everybody turns everything around where the champion knows nothing: only trusted labels tell."""
    asked = requests(600, 4)
    lies = told(asked[:500], inverted)
    truth = told(asked[500:], source="shadow", noise=0.0)
    result = relearn(SHIPPED, lies + truth)
    assert "trusted" in failed(result)


def test_one_key_alone_needs_leave_or_trusted_labels() -> None:
    alone = told(requests(500, 6, keys=1))
    assert failed(relearn(SHIPPED, alone)) == {"several keys"}
    assert relearn(SHIPPED, alone, Permission(one_key=True)).passed
    trusted = told(requests(150, 7), source="file", noise=0.0)
    assert "several keys" not in failed(relearn(SHIPPED, alone + trusted))


def test_the_same_prompt_said_over_and_over_counts_little() -> None:
    asked = requests(500, 8)
    again = [row._replace(request=f"again-{number}", weak=0.0) for number, row in enumerate(told(asked[:1]) * 3000)]
    plain, flooded = relearn(SHIPPED, told(asked)), relearn(SHIPPED, told(asked) + again)
    assert flooded.challenger is not None
    assert plain.challenger is not None
    for topic in ("cooking", "contracts"):
        moved = difficulty(flooded.challenger, topic) - difficulty(plain.challenger, topic)
        assert abs(moved) < 0.05


def test_too_few_labels_are_not_fitted() -> None:
    result = relearn(SHIPPED, told(requests(90, 9)))
    assert result.challenger is None
    assert failed(result) == {"rows"}
    assert not result.passed


def test_no_labels_are_none() -> None:
    assert failed(relearn(SHIPPED, [])) == {"rows", "kinds"}


def test_praise_alone_moves_nothing() -> None:
    praise = told(requests(500, 10), lambda one, _: (one.key, True))
    assert failed(relearn(SHIPPED, praise)) == {"kinds"}
