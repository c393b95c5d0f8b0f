"""If these fail, the books know too much, or two attempts are taken for one."""

from __future__ import annotations

from gateway.pipeline.exchange import Exchange
from gateway.pipeline.receipt import Receipt
from router.clearance import LOCAL
from router.decision import Decision
from router.sensitivity.finding import Finding
from router.strategy import RoutePlan
from tests.gateway.assigned import assigned
from tests.gateway.house import CARD, DEVELOPER, call


def exchange(*types: str) -> Exchange:
    found = Exchange(call(CARD), DEVELOPER, RoutePlan("auto"), Receipt("req_1"), 0.0)
    findings = tuple(Finding(0, place, place + 1, kind, 0.9) for place, kind in enumerate(types))
    found.decision = Decision("auto", LOCAL, None, (), (), findings)
    return found


def test_findings_are_counted_by_type_and_nothing_else() -> None:
    assert exchange("CARD", "EMAIL", "CARD").finding_counts == {"CARD": 2, "EMAIL": 1}
    undecided = exchange()
    undecided.decision = None
    assert undecided.finding_counts == {}


def test_each_attempt_has_a_name_of_its_own() -> None:
    one = exchange()
    assert [one.next_attempt_id() for _ in range(2)] == ["req_1-1", "req_1-2"]


def test_a_copy_is_the_same_and_another() -> None:
    one = exchange("CARD")
    one.cache_key, one.attempts, one.queued, one.is_left = "key", 2, 0.5, True
    other = one.copy()
    names = assigned("gateway.pipeline.exchange", "Exchange")
    assert {name: getattr(other, name) for name in names} == {name: getattr(one, name) for name in names}
    other.attempts = 3
    assert one.attempts == 2
