"""If these fail, the decision forgets one of the things that narrow it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.asker import Asker
from router.clearance import ANY, LOCAL, NOWHERE, Clearance
from router.conditions import Tagged
from router.content import Content, content_of, content_of_text
from router.decision import Reason
from router.difficulty.estimate import Difficulty
from router.difficulty.estimator import Estimator
from router.fleet import Candidate
from router.lead import Lead
from router.occasion import Occasion
from router.policy import Policy
from router.router import Label, Router
from router.routing_rules import RoutingRule
from router.rule import Rule
from router.sensitivity.scanner import Scanner
from router.strategy import RoutePlan

FLEET = {
    "small": Candidate("small", "local"),
    "europe": Candidate("europe", "eu"),
    "large": Candidate("large", "cloud"),
}
ROUTE = RoutePlan("auto", ("small",), ("large", "europe"))


@pytest.fixture(scope="module")
def router() -> Router:
    return Router(Scanner.default(), Estimator.shipped())


def test_an_easy_question_stays_small(router: Router) -> None:
    decision = router.decide(ROUTE, content_of_text("What is the capital of France?"), FLEET)
    assert decision.candidates[0] == "small"
    assert str(decision.clearance) == "any"
    assert decision.difficulty is not None
    assert decision.difficulty < 0.5


def test_a_hard_one_goes_to_the_large_model(router: Router) -> None:
    text = "Prove that there are infinitely many primes congruent to 3 modulo 4, and generalise the argument."
    decision = router.decide(ROUTE, content_of_text(text), FLEET)
    assert decision.candidates[0] == "large"
    assert decision.reason == "hard"


def test_a_card_number_stays_however_hard_the_question(router: Router) -> None:
    text = "Prove that the checksum of card 4970 1012 3456 7893 detects every transposition, and generalise the proof."
    decision = router.decide(ROUTE, content_of_text(text), FLEET)
    assert decision.candidates == ("small",)
    assert decision.clearance == LOCAL
    assert decision.reason == "sensitive"


def test_a_finding_anywhere_in_the_body_counts(router: Router) -> None:
    body: dict[str, object] = {
        "model": "auto",
        "messages": [{"role": "user", "content": "hello"}],
        "metadata": {"note": "IBAN DE89 3704 0044 0532 0130 00"},
    }
    assert router.decide(ROUTE, content_of(body), FLEET).clearance == LOCAL


def test_labels_narrow_and_never_widen(router: Router) -> None:
    eu = Label("key", Clearance.parse("eu+local"))
    content = content_of_text("hello")
    decision = router.decide(ROUTE, content, FLEET, labels=[eu])
    assert set(decision.candidates) == {"small", "europe"}
    assert str(decision.reasons[0]) == "label(key:eu+local)"
    widened = router.decide(ROUTE, content, FLEET, labels=[eu, Label("caller", Clearance())])
    assert widened.candidates == decision.candidates


def test_the_routes_own_locality_holds(router: Router) -> None:
    route = RoutePlan("home", ("small",), ("large",), clearance=LOCAL)
    assert router.decide(route, content_of_text("hello"), FLEET).candidates == ("small",)


def test_the_same_question_is_decided_the_same(router: Router) -> None:
    content = content_of_text("Translate 'good morning' into Spanish.")
    assert router.decide(ROUTE, content, FLEET) == router.decide(ROUTE, content, FLEET)


def test_a_label_that_wants_masks_wants_them_for_everything(router: Router) -> None:
    content = content_of_text("IBAN DE89 3704 0044 0532 0130 00")
    decision = router.decide(ROUTE, content, FLEET, labels=[Label("key", Clearance.parse("masked"))])
    assert decision.masked == decision.findings
    assert decision.candidates == ("small",)
    assert router.decide(ROUTE, content, FLEET).masked == ()


MAIL = {"messages": [{"role": "user", "content": "Write to jeanne.durand@example.org, then prove it."}]}
AWAY = RoutePlan("away", ("small",), ("large", "europe"), prefer="large")
MASKED = Label("key", Clearance.parse("masked"))


def masking(*rules: Rule) -> Router:
    return Router(Scanner.default(), Estimator.shipped(), (Policy(rules),))


def test_what_is_masked_may_be_seen_outside(router: Router) -> None:
    """By a rule, or since somebody asks for it of all that the rules let go."""
    for way in (
        masking(Rule(clearance=Clearance.parse("masked"))).decide(AWAY, content_of(MAIL), FLEET, body=MAIL),
        masking(Rule(clearance=ANY)).decide(AWAY, content_of(MAIL), FLEET, body=MAIL, labels=[MASKED]),
    ):
        assert way.candidates == ("large", "europe", "small")
        assert way.masking is not None
        assert way.masking.body["messages"][0]["content"] == "Write to <EMAIL_1>, then prove it."
        assert "masked(EMAIL:1)" in map(str, way.reasons)
    local = router.decide(AWAY, content_of(MAIL), FLEET, body=MAIL, labels=[MASKED])
    assert (local.candidates, local.masking) == (("small",), None)


def test_what_cannot_be_masked_stays_and_says_why() -> None:
    router = masking(Rule(clearance=Clearance.parse("masked")))
    for body, plan, why in (
        ({**MAIL, "logprobs": True}, AWAY, "logprobs"),
        ({"metadata": {"jeanne.durand@example.org": 1}}, AWAY, "key"),
        (MAIL, RoutePlan("away", ("large", "small"), purpose="embeddings"), "embeddings"),
    ):
        decision = router.decide(plan, content_of(body), FLEET, body=body)
        assert decision.candidates == ("small",)
        assert decision.masking is None
        assert f"unmaskable({why})" in map(str, decision.reasons)
    assert router.decide(AWAY, content_of(MAIL), FLEET).candidates == ("small",)


def test_masks_are_made_again_alike() -> None:
    router = masking(Rule(clearance=Clearance.parse("masked")))
    again = router.masking(AWAY, content_of(MAIL), MAIL)
    first = router.decide(AWAY, content_of(MAIL), FLEET, body=MAIL).masking
    assert again is not None
    assert first is not None
    assert (again.body, again.values) == (first.body, first.values)
    harmless = {"messages": [{"role": "user", "content": "Good morning."}]}
    assert router.masking(AWAY, content_of(harmless), harmless) is None


BLOCKED = Rule(frozenset({"CREDIT_CARD"}), clearance=NOWHERE)


def test_what_a_rule_blocks_has_nowhere_to_go() -> None:
    router = Router(Scanner.default(), Estimator.shipped(), (Policy((BLOCKED,)),))
    decision = router.decide(ROUTE, content_of_text("My card is 4970 1012 3456 7893."), FLEET)
    assert decision.is_blocked
    assert (decision.candidates, decision.clearance, decision.reason) == ((), NOWHERE, "blocked")
    assert not router.decide(ROUTE, content_of_text("My IBAN is DE89 3704 0044 0532 0130 00."), FLEET).is_blocked


def test_the_policies_of_the_route_and_of_the_asker_hold_too() -> None:
    generous = Router(Scanner.default(), Estimator.shipped(), (Policy((Rule(clearance=ANY),)),))
    content = content_of_text("My card is 4970 1012 3456 7893.")
    further = (Policy((BLOCKED,), unnamed=ANY),)
    assert generous.decide(ROUTE, content, FLEET).clearance == ANY
    assert generous.decide(replace(ROUTE, policies=further), content, FLEET).is_blocked
    assert generous.decide(ROUTE, content, FLEET, asker=Asker(policies=further)).is_blocked


CLEARANCES = st.sampled_from(["any", "local", "eu+local", "masked", "masked:eu+local", "cloud", "none"]).map(
    Clearance.parse
)
POLICIES = st.builds(
    lambda clearance, types: Policy((Rule(frozenset(types), clearance=clearance),), unnamed=ANY),
    CLEARANCES,
    st.sampled_from([{"CREDIT_CARD"}, {"EMAIL"}, {"*"}]),
)
TEXTS = st.sampled_from(
    ["hello", "My card is 4970 1012 3456 7893.", "Write to jeanne@gmail.com", "x@gmail.com 4970101234567893"]
)


@given(TEXTS, POLICIES, POLICIES, POLICIES, CLEARANCES, CLEARANCES)
@settings(max_examples=150)
def test_no_source_lets_through_what_another_keeps(
    text: str, own: Policy, routes: Policy, askers: Policy, locality: Clearance, label: Clearance
) -> None:
    """The candidates are those that each source alone would have left, and no more."""
    content, router = content_of_text(text), Router(Scanner.default(), Estimator.shipped(), (own,))
    route = replace(ROUTE, policies=(routes,), clearance=locality)
    together = router.decide(route, content, FLEET, labels=[Label("key", label)], asker=Asker(policies=(askers,)))
    alone = [
        router.decide(ROUTE, content, FLEET),
        router.decide(replace(ROUTE, policies=(routes,)), content, FLEET),
        router.decide(replace(ROUTE, clearance=locality), content, FLEET),
        router.decide(ROUTE, content, FLEET, asker=Asker(policies=(askers,))),
        router.decide(ROUTE, content, FLEET, labels=[Label("key", label)]),
    ]
    for decision in alone:
        assert set(together.candidates) <= set(decision.candidates)
        if not together.is_blocked:
            assert together.clearance.masked >= decision.clearance.masked
            assert set(decision.masked) <= set(together.masked)


class _Claim:
    """A specialist whose domain is everything."""

    def claim(self, content: Content) -> Lead | None:
        return Lead(Reason("specialist", "all"), ("tuned",))


TUNED = {**FLEET, "tuned": Candidate("tuned", "local")}
CLAIMED = replace(ROUTE, specialists=_Claim())
TO_EUROPE = RoutingRule(
    "eu", (Tagged("tags", ["eu"]),), Lead(Reason("rule", "eu"), ("europe",), ROUTE.large + ROUTE.small)
)


def test_a_specialist_goes_first_and_the_rest_as_without_it(router: Router) -> None:
    content = content_of_text("What is the capital of France?")
    decision = router.decide(CLAIMED, content, TUNED)
    assert decision.candidates == ("tuned", *router.decide(ROUTE, content, FLEET).candidates)
    assert (str(decision.reasons[-1]), decision.reason) == ("specialist(all)", "specialist")
    assert decision.difficulty is not None


def test_a_specialist_that_is_down_is_as_none(router: Router) -> None:
    content = content_of_text("What is the capital of France?")
    decision = router.decide(CLAIMED, content, {**TUNED, "tuned": Candidate("tuned", "local", up=False)})
    assert decision.candidates[:-1] == router.decide(ROUTE, content, FLEET).candidates
    assert decision.candidates[-1] == "tuned"
    assert [reason.code for reason in decision.reasons] == ["specialist", "deployment-unavailable", "easy"]


def test_a_specialist_outside_gets_nothing_that_has_to_stay(router: Router) -> None:
    content = content_of_text("Is 4970 1012 3456 7893 a valid card number?")
    decision = router.decide(CLAIMED, content, {**TUNED, "tuned": Candidate("tuned", "cloud")})
    assert decision.candidates == ("small",)
    assert [reason.code for reason in decision.reasons][1:3] == ["specialist", "locality"]


def test_a_rule_goes_before_a_specialist_and_difficulty_is_not_asked(router: Router) -> None:
    route = replace(CLAIMED, rules=(TO_EUROPE,))
    content = content_of_text("What is the capital of France?")
    decision = router.decide(route, content, TUNED, occasion=Occasion(0, frozenset({"eu"})))
    assert decision.candidates == ("europe", "large", "small")
    assert (decision.reason, decision.difficulty) == ("rule", None)
    assert router.decide(route, content, TUNED).reason == "specialist"


@pytest.mark.parametrize("text", ["What is 2+2?", "My card is 4970 1012 3456 7893"])
@pytest.mark.parametrize("label", ["any", "local", "eu+local", "masked"])
def test_no_rule_widens_what_content_and_labels_allow(router: Router, text: str, label: str) -> None:
    labels, tagged = [Label("caller", Clearance.parse(label))], Occasion(0, frozenset({"eu"}))
    plain = router.decide(ROUTE, content_of_text(text), FLEET, labels=labels, occasion=tagged)
    ruled = router.decide(
        replace(ROUTE, rules=(TO_EUROPE,)), content_of_text(text), FLEET, labels=labels, occasion=tagged
    )
    assert ruled.clearance == plain.clearance
    assert set(ruled.candidates) == set(plain.candidates)


class Always:
    """Estimates the same for everything."""

    def __init__(self, probability: float) -> None:
        self._probability = probability

    def estimate(self, content: Content) -> Difficulty:
        assert content.segments
        return Difficulty(self._probability)


def test_the_head_of_the_first_small_deployment_that_has_one_decides() -> None:
    heads = {"tiny": Always(0.9), "small": Always(0.1), "large": Always(0.8)}
    router = Router(Scanner.default(), Always(0.5), heads=heads)
    for small, head, difficulty in (
        (("small", "tiny"), "small", 0.1),
        (("other", "tiny", "small"), "tiny", 0.9),
        (("other",), "", 0.5),
    ):
        decision = router.decide(RoutePlan("auto", small, ("large",)), content_of_text("hello"), FLEET)
        assert (decision.head, decision.difficulty) == (head, difficulty)
    for fixed in (RoutePlan("auto", ("small",), ("large",), prefer="small"), RoutePlan("home", ("small",))):
        decision = router.decide(fixed, content_of_text("hello"), FLEET)
        assert (decision.head, decision.difficulty) == ("", None)
