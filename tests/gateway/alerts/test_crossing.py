"""If these fail, nobody hears that a budget runs out; or everybody does, with every request."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.alerts import crossing
from gateway.alerts.crossing import Crossings, Watched
from gateway.alerts.event import ROLLING_TTL, Event, Term
from tests.gateway.alerts.harness import AT, BEGINS, DAY, ENDS, PICO, watched
from tests.gateway.stores.harness import HandClock

ALL = [Decimal("0.5"), Decimal("0.8"), Decimal(1)]


class Listening:
    """Looks first whether there is something to tell, as the gateway does."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.clock.now = AT
        self.events: list[Event] = []
        self.crossings = Crossings(self.events.append, self.clock)

    def hears(self, dollars: str, about: Watched | None = None, name: str = "research") -> list[Decimal | None]:
        """The shares that it then tells of."""
        about, spent = about or watched(), int(Decimal(dollars) * PICO)
        before = len(self.events)
        if not self.crossings.is_quiet(name, about.term.begins, spent):
            self.crossings.spent(name, spent, about)
            assert self.crossings.is_quiet(name, about.term.begins, spent)
        return [event.share for event in self.events[before:]]


def test_each_share_is_told_when_it_is_passed_and_not_again() -> None:
    listening = Listening()
    assert listening.hears("99.999999999999") == []
    assert listening.hears("100") == [Decimal("0.5")]
    assert listening.hears("159") == []
    assert listening.hears("160") == [Decimal("0.8")]
    assert listening.hears("199.99") == []
    assert listening.hears("200") == [Decimal(1)]
    assert listening.hears("1000000") == []
    (first, *_) = listening.events
    assert (first.kind, first.budget, first.scope, first.whose) == ("budget.share", "research", "team", "lab")
    assert (first.amount, first.spent, first.at) == (Decimal(200), Decimal(100), AT)


def test_several_at_once_are_all_told_the_lowest_first() -> None:
    assert Listening().hears("250") == ALL
    listening = Listening()
    listening.hears("1")
    assert listening.hears("199") == ALL[:2]


def test_what_is_put_right_and_passed_again_is_told_again_here_so_that_a_rolling_budget_is_heard_of() -> None:
    """Whether it is news is for the store to say."""
    listening = Listening()
    assert listening.hears("161", watched(term=DAY)) == ALL[:2]
    assert listening.hears("120", watched(term=DAY)) == []
    assert listening.hears("161", watched(term=DAY)) == [Decimal("0.8")]


def test_a_new_period_begins_anew() -> None:
    listening = Listening()
    assert listening.hears("161") == ALL[:2]
    following = watched(term=Term("month", ENDS, ENDS + 2_678_400))
    assert listening.hears("161", following) == ALL[:2]
    assert listening.hears("50", following) == []


def test_budgets_do_not_meet() -> None:
    listening = Listening()
    assert listening.hears("161") == ALL[:2]
    assert listening.hears("161", watched(whose="web"), name="research of web") == ALL[:2]


def test_the_order_and_number_of_shares_do_not_matter() -> None:
    odd = watched(alerts=(Decimal(1), Decimal("0.25"), Decimal("0.25"), Decimal("1.5")))
    assert Listening().hears("300", odd) == [Decimal("0.25"), Decimal(1), Decimal("1.5")]
    assert Listening().hears("300", watched(alerts=())) == []


def test_a_budget_of_nothing_is_an_off_switch_and_no_news() -> None:
    assert Listening().hears("0", watched(amount=Decimal(0))) == []


def test_a_request_that_did_not_fit_is_told_of_once_a_period() -> None:
    listening = Listening()
    for _ in range(3):
        listening.crossings.refused("research", 198 * PICO, watched())
    (event,) = listening.events
    assert (event.kind, event.share, event.spent) == ("budget.limit", None, Decimal(198))
    listening.clock.now = ENDS + 10.0
    listening.crossings.refused("research", 7 * PICO, watched(term=Term("month", ENDS, ENDS + 2_678_400)))
    assert len(listening.events) == 2


def test_of_a_rolling_budget_once_a_day() -> None:
    listening = Listening()
    for elapsed in (0, ROLLING_TTL - 1, 1):
        listening.clock.now += elapsed
        listening.crossings.refused("research", 198 * PICO, watched(term=DAY))
    assert len(listening.events) == 2


def test_who_wants_no_alerts_gets_none() -> None:
    listening = Listening()
    listening.crossings.refused("research", 198 * PICO, watched(alerts=()))
    assert listening.events == []


def test_another_amount_is_looked_at_anew() -> None:
    listening = Listening()
    listening.hears("161")
    listening.crossings.forget()
    assert listening.hears("161", watched(amount=Decimal(300))) == ALL[:1]


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crossing, "_MOST_WATCHED", 10)
    listening = Listening()
    for number in range(30):
        listening.hears("1", name=f"of {number}")
        listening.crossings.refused(f"of {number}", PICO, watched())
    assert len(listening.crossings._passed) == len(listening.crossings._full) == 10


@given(st.lists(st.integers(0, 300 * PICO), min_size=1, max_size=30))
def test_however_it_rises_every_share_below_is_told_exactly_once(steps: list[int]) -> None:
    listening = Listening()
    for spent in sorted(steps):
        listening.hears(str(Decimal(spent) / PICO))
    top = max(steps)
    assert [event.share for event in listening.events] == [share for share in ALL if top >= 200 * PICO * share]


def test_begins_is_part_of_what_is_asked() -> None:
    listening = Listening()
    listening.hears("1")
    assert listening.crossings.is_quiet("research", BEGINS, PICO)
    assert not listening.crossings.is_quiet("research", ENDS, PICO)
    assert not listening.crossings.is_quiet("other", BEGINS, PICO)
