"""Who is asking, and for what."""

from __future__ import annotations

from gateway.access.principal import Principal
from gateway.config.quota import NO_LIMITS
from router.asker import Asker
from router.clearance import ANY


def test_a_principal_may_use_the_routes_of_its_key() -> None:
    assert Principal("a", None, None, ANY).may_use("auto")
    assert Principal("a", None, frozenset({"auto"}), ANY).may_use("auto")
    assert not Principal("a", None, frozenset({"auto"}), ANY).may_use("cloud")
    assert not Principal("a", None, frozenset(), ANY).may_use("auto")


def test_policies_see_the_same_person() -> None:
    assert Principal("a", "lab", None, ANY).asker == Asker("a", "lab")
    assert Principal("a", None, None, ANY).asker == Asker("a")
    told = Asker("a", "lab", "fr")
    assert Principal("a", "lab", None, ANY, asker=told).asker is told


def test_nobody_is_limited_unless_somebody_says_so() -> None:
    somebody = Principal("a", "lab", None, ANY)
    assert (somebody.limits, somebody.team_limits, somebody.budgets) == (NO_LIMITS, NO_LIMITS, ())
