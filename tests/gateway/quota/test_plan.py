"""If these fail, a limit or a budget concerns somebody whom it should not, or misses somebody."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from gateway.config.quota import NO_LIMITS, Budget, Limits
from gateway.quota.ask import Whose
from gateway.quota.plan import MOST_TAGS, OTHERS, Asked, Limit, Plan

NOON = datetime.fromisoformat("2026-11-27T12:00+01:00").timestamp()
ALICE = Asked("alice", "lab", "auto", frozenset({"project=atlas", "night"}))
LONER = Asked("loner", None, "auto", frozenset())


def plan(**budgets: dict[str, Any]) -> Plan:
    made = {name: Budget(**{"amount": Decimal(1), "period": "day", **budget}) for name, budget in budgets.items()}
    return Plan(made, {}, "Europe/Berlin")


def concerned(planned: Plan, asked: Asked) -> list[tuple[str, Whose]]:
    return [(concern.name, concern.slices[-1].whose) for concern in planned.concerns(asked, NOON)]


@pytest.mark.parametrize(
    ("budget", "whose"),
    [
        ({}, [Whose()]),
        ({"key": "alice"}, [Whose(key="alice")]),
        ({"key": "bob"}, []),
        ({"team": "lab"}, [Whose(team="lab")]),
        ({"route": "auto"}, [Whose(route="auto")]),
        ({"route": "cloud"}, []),
        ({"tag": "night"}, [Whose(tag="night")]),
        ({"tag": "day"}, []),
        ({"each": "key"}, [Whose(key="alice")]),
        ({"each": "team"}, [Whose(team="lab")]),
        ({"each": "route"}, [Whose(route="auto")]),
        ({"each": "tag"}, [Whose(tag="night"), Whose(tag="project=atlas")]),
    ],
)
def test_whom_a_budget_concerns(budget: dict[str, Any], whose: list[Whose]) -> None:
    assert concerned(plan(b=budget), ALICE) == [("b", one) for one in whose]


@pytest.mark.parametrize("budget", [{"team": "lab"}, {"each": "team"}, {"tag": "night"}, {"each": "tag"}])
def test_who_has_no_team_and_no_tags_is_in_no_budget_of_one(budget: dict[str, Any]) -> None:
    assert concerned(plan(b=budget), LONER) == []


def test_budgets_of_the_same_stretch_share_it_and_others_do_not() -> None:
    planned = plan(
        hard={},
        soft={"hard": False},
        mine={"key": "alice"},
        month={"period": "month"},
        rolls={"period": None, "rolling": "1d"},
    )
    names = {concern.name: concern.slices[-1].name for concern in planned.concerns(ALICE, NOON)}
    assert names["hard"] == names["soft"]
    assert len(set(names.values())) == 4


def test_a_cap_is_never_more_than_the_amount() -> None:
    planned = plan(b={"amount": Decimal("0.0000000000019")}, soft={"hard": False})
    assert [concern.cap for concern in planned.concerns(ALICE, NOON)] == [1, None]


def test_a_new_day_is_a_new_slice_and_the_old_one_ends_where_it_begins() -> None:
    planned = plan(b={})
    (today,) = planned.concerns(ALICE, NOON)
    (tomorrow,) = planned.concerns(ALICE, today.slices[-1].end)
    (again,) = planned.concerns(ALICE, NOON)  # of an attempt that began before midnight, and is asked about after it
    assert tomorrow.slices[-1].start == today.slices[-1].end
    assert again.slices == today.slices


def test_a_budget_names_its_own_time_zone() -> None:
    (berlin,) = plan(b={}).concerns(ALICE, NOON)
    (tokyo,) = plan(b={"timezone": "Asia/Tokyo"}).concerns(ALICE, NOON)
    assert berlin.slices[-1].start - tokyo.slices[-1].start == 8 * 3600


def test_a_key_brings_budgets_of_its_own() -> None:
    own = (("mine", Budget(amount=Decimal(2), period="month")),)
    for name in ("alice", "bob"):
        asked = ALICE._replace(key=name)
        (concern,) = plan().concerns(asked, NOON, own)
        assert (concern.name, concern.slices[-1].whose) == ("mine", Whose(key=name))


def test_a_budget_that_a_key_has_from_its_team_is_of_all_its_keys_together() -> None:
    """Counted for each key by itself, it would be worth as many times as much as there are keys."""
    own = (("teams.lab.all", Budget(amount=Decimal(2), period="month", team="lab")),)
    slices = {plan().concerns(ALICE._replace(key=key), NOON, own)[0].slices for key in ("alice", "bob")}
    assert [one[-1].whose for one in slices] == [Whose(team="lab")]


def test_many_owners_are_not_all_kept() -> None:
    planned = plan(b={"each": "tag"})
    for number in range(10_000):
        (concern,) = planned.concerns(ALICE._replace(tags=frozenset({f"t{number}"})), NOON)
        assert concern.slices[-1].whose == Whose(tag=f"t{number}")
    kept = planned._budgets[0]._kept
    assert len(kept) <= 4096


@pytest.mark.parametrize(
    ("term", "most"), [({}, MOST_TAGS), ({"period": None, "rolling": "92d"}, 100_000 // 93)], ids=["day", "rolling"]
)
def test_tags_that_callers_make_up_share_one_budget_when_there_are_too_many(term: dict[str, Any], most: int) -> None:
    """Else a caller fills the memory of all workers, and of Redis, until the end of the month."""
    planned = plan(b={"each": "tag", **term})

    def owners(*tags: str, at: float = NOON) -> set[str | None]:
        concerns = planned.concerns(ALICE._replace(tags=frozenset(tags)), at)
        return {concern.slices[-1].whose.tag for concern in concerns}

    assert owners("atlas") == {"atlas"}
    found = {owner for number in range(most + 9) for owner in owners(f"t{number}")}
    assert (len(found), OTHERS in found) == (most, True)
    assert owners("new", "newer", "atlas", "t0") == {OTHERS, "atlas", "t0"}
    assert planned.concern("b", Whose(tag=OTHERS), NOON) is not None
    until = planned.concerns(ALICE, NOON)[0].slices[-1].until
    assert owners("new", at=until - 1) == {OTHERS}
    assert owners("new", at=until) == {"new"}


def test_limits_of_key_team_and_route() -> None:
    planned = Plan({}, {"auto": Limits(concurrent=3), "free": NO_LIMITS}, "UTC")
    both = Limits(requests_per_minute=1, tokens_per_minute=2)
    assert planned
    assert planned.limits(ALICE, both, Limits(concurrent=0)) == (
        Limit("key", "key:alice:requests", "requests", 1),
        Limit("key", "key:alice:tokens", "tokens", 2),
        Limit("team", "team:lab:concurrent", "concurrent", 0),
        Limit("route", "route:auto:concurrent", "concurrent", 3),
    )
    assert planned.limits(LONER._replace(route="free"), NO_LIMITS, both) == ()


def test_a_plan_that_limits_nobody_is_false() -> None:
    assert not Plan({}, {"auto": NO_LIMITS}, "UTC")
    assert plan(b={})
