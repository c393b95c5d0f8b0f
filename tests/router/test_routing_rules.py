"""If these fail, a later rule wins over an earlier one, or a rule lets content out that has to stay."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from router.asker import NOBODY, Asker
from router.capability import NO_NEEDS
from router.clearance import ANY, LOCAL, Clearance
from router.conditions import Condition, KeyIs, Length, Tagged, TeamIs, Tools
from router.content import content_of_text
from router.decision import Reason
from router.difficulty.estimate import Difficulty
from router.facts import Facts
from router.fleet import Candidate
from router.lead import Lead
from router.occasion import Occasion
from router.routing_rules import RoutingRule, first_match, told
from router.strategy import RoutePlan, order

TAGS = ("a", "b", "c")
CONDITIONS = st.one_of(
    st.frozensets(st.sampled_from(TAGS), min_size=1).map(lambda tags: Tagged("tags", tags)),
    st.frozensets(st.sampled_from(TAGS), min_size=1).map(lambda keys: KeyIs("keys", keys)),
    st.tuples(st.integers(0, 20), st.integers(0, 20)).map(lambda ends: Length("length", min(ends), max(ends))),
    st.booleans().map(Tools),
)
NAMES = ("s1", "s2", "l1", "l2")
ROUTE = RoutePlan("auto", ("s1", "s2"), ("l1", "l2"))
LEADS = st.sampled_from(
    [
        Lead(Reason("rule", "x"), ROUTE.small, ROUTE.large, "small-unavailable"),
        Lead(Reason("rule", "x"), ROUTE.large, ROUTE.small, "large-unavailable"),
        *(Lead(Reason("rule", "x"), (name,), ROUTE.small + ROUTE.large) for name in NAMES),
        *(Lead(Reason("specialist", "x"), (name,)) for name in (*NAMES, "other")),
    ]
)
ZONES = st.sampled_from(["local", "eu", "cloud"])
FLEETS = st.fixed_dictionaries(
    {}, optional={name: st.builds(Candidate, st.just(name), ZONES, st.booleans()) for name in (*NAMES, "other")}
)
CLEARANCES = st.builds(Clearance, st.none() | st.frozensets(ZONES), st.booleans())


def rule(name: str, *conditions: Condition) -> RoutingRule:
    return RoutingRule(name, conditions, Lead(Reason("rule", name), (name,), ()))


def facts(text: str = "", tags: frozenset[str] = frozenset(), key: str = "", tools: bool = False) -> Facts:
    needs = {"tools": "tools"} if tools else NO_NEEDS
    return Facts(content_of_text(text), Asker(key), Occasion(0, tags), needs, None)


def test_all_conditions_have_to_hold() -> None:
    both = rule("both", Tagged("tags", ["a"]), Length("length", 3))
    assert both.missed(facts("abc", frozenset("a"))) == ""
    assert both.missed(facts("ab", frozenset("a"))) == "length"
    assert both.missed(facts("ab")) == "tags"
    assert rule("always").missed(facts()) == ""


@given(
    st.lists(st.lists(CONDITIONS, max_size=3), max_size=6),
    st.text(max_size=20),
    st.frozensets(st.sampled_from(TAGS)),
    st.sampled_from(("", *TAGS)),
    st.booleans(),
)
def test_the_first_that_matches_wins_and_none_after_one_that_includes_it_ever_does(
    listed: list[list[Condition]], text: str, tags: frozenset[str], key: str, tools: bool
) -> None:
    rules = [rule(str(number), *conditions) for number, conditions in enumerate(listed)]
    asked = facts(text, tags, key, tools)
    matching = [one for one in rules if all(condition.holds(asked) for condition in one.conditions)]
    found = first_match(rules, asked)
    assert found == (matching[0].lead if matching else None)
    for later, one in enumerate(rules):
        if any(earlier.includes(one) for earlier in rules[:later]):
            assert found != one.lead


@given(LEADS, FLEETS, CLEARANCES, st.booleans(), st.none() | st.builds(Difficulty, st.floats(0, 1), st.booleans()))
def test_no_lead_widens_the_clearance_or_loses_a_deployment(
    lead: Lead, fleet: dict[str, Candidate], clearance: Clearance, masked: bool, difficulty: Difficulty | None
) -> None:
    without, _ = order(ROUTE, clearance, difficulty, fleet, masked=masked)
    names, reasons = order(ROUTE, clearance, difficulty, fleet, masked=masked, lead=lead)
    assert all(clearance.permits(fleet[name].zone, masked=masked) for name in names)
    assert set(without) <= set(names) <= set(without) | set(lead.first)
    assert len(set(names)) == len(names)
    assert reasons[0] == lead.reason or not names


@given(LEADS, FLEETS, st.sampled_from([frozenset({"tools"}), frozenset[str]()]))
def test_no_lead_goes_before_capability(lead: Lead, fleet: dict[str, Candidate], lacks: frozenset[str]) -> None:
    lacking = {name: Candidate(name, found.zone, found.up, lacks) for name, found in fleet.items()}
    names, _ = order(ROUTE, ANY, None, lacking, {"tools": "tools"}, lead=lead)
    assert not names or not lacks


def test_what_is_told_is_what_the_rules_ask_for() -> None:
    rules = [rule("one", Tagged("tags", ["a", "b"])), rule("two", KeyIs("keys", ["k"]), TeamIs("teams", ["t"]))]
    asker = Asker("k", "other")
    assert told(rules, asker, frozenset({"a", "z"})) == ["key=k", "team=", "tag=a"]
    assert told(rules, NOBODY, frozenset({"z"})) == ["key=", "team="]


def test_a_deployment_that_may_not_see_it_is_not_asked_and_the_receipt_says_why() -> None:
    fleet = {"s1": Candidate("s1", "local"), "l1": Candidate("l1", "cloud")}
    names, reasons = order(ROUTE, LOCAL, None, fleet, lead=Lead(Reason("rule", "x"), ("l1",), ("l2", "s1")))
    assert names == ("s1",)
    assert [str(reason) for reason in reasons] == ["rule(x)", "locality(local)"]
