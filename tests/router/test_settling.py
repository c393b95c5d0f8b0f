"""If these fail, a scan that stops early decides otherwise than one that reads everything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import inf

import pytest
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from router.asker import NOBODY, Asker
from router.clearance import ANY, LOCAL, NOWHERE, Clearance
from router.content import Content, Origin, Segment, content_of
from router.decision import Decision
from router.difficulty.estimator import Estimator
from router.fleet import Candidate
from router.policy import DEFAULT_POLICY, Policy, judge
from router.presets import PRESETS
from router.router import Label, Router
from router.rule import ANY_TYPE, Rule, Scope
from router.sensitivity.budget import Budget
from router.sensitivity.detector import Span
from router.sensitivity.detectors import default_detectors
from router.sensitivity.finding import Finding, Scan
from router.sensitivity.scanner import Scanner
from router.sensitivity.settles import NOTHING_SETTLES
from router.sensitivity.view import View
from router.settling import Settling, settles
from router.strategy import RoutePlan

EU, MASKED = Clearance.parse("eu+local"), Clearance.parse("masked")
MAIL = Finding(0, 0, 4, "EMAIL", 0.9)
FLEET = {name: Candidate(name, zone) for name, zone in (("small", "local"), ("europe", "eu"), ("large", "cloud"))}
ESTIMATOR = Estimator.shipped()


def of(*types: str) -> frozenset[str]:
    return frozenset(types)


def test_by_default_anything_settles() -> None:
    settled = settles((DEFAULT_POLICY,))
    assert settled.covering
    assert settled.by(Finding(0, 0, 1, "WHATEVER", 0.5))


def test_only_what_is_held_most_strictly_settles() -> None:
    settled = settles((Policy((Rule(of("EMAIL"), 0.6, EU), Rule(of("NAME"), clearance=ANY))),))
    assert (settled.least, settled.others, settled.covering) == ({"EMAIL": inf, "NAME": inf}, 0.0, False)


def test_who_does_not_mind_names_of_firms_still_lets_a_segment_be_left() -> None:
    """They never stand in the place of anything that was checked."""
    settled = settles((Policy((Rule(of("NAMED_ENTITY"), clearance=ANY),)),))
    assert settled.covering
    assert (settled.always("EMAIL"), settled.always("NAMED_ENTITY")) == (True, False)
    assert settles((Policy(PRESETS["health"]),)).covering


def test_a_detector_that_fails_is_stricter_than_leave_for_a_region() -> None:
    """It means `local`: with only Europe's findings, all has to be read to know that none failed."""
    assert settles((Policy((Rule(clearance=EU),), unnamed=EU),)) is NOTHING_SETTLES


def test_what_is_too_weak_for_a_rule_does_not_settle() -> None:
    settled = settles((Policy((Rule(confidence=0.8),)),))
    assert (settled.others, settled.covering) == (0.8, False)
    assert settles((Policy((Rule(confidence=0.5),)),)).covering  # nothing below that is ever found


def test_who_is_surer_may_be_held_less_strictly() -> None:
    settled = settles((Policy((Rule(of("NAME"), 0.95, ANY), Rule(of("NAME"), 0.5, LOCAL))),))
    assert settled.least == {"NAME": inf}


@pytest.mark.parametrize(
    "policy",
    [
        Policy((Rule(of("SECRET"), clearance=NOWHERE),)),
        Policy((Rule(of("EMAIL"), clearance=MASKED),)),
        Policy((Rule(clearance=MASKED, whole=True),)),
        Policy((), unnamed=MASKED),
        Policy(PRESETS["finance"]),
    ],
)
def test_where_anything_is_masked_or_blocked_nothing_settles(policy: Policy) -> None:
    assert settles((policy,)) is NOTHING_SETTLES
    assert settles((DEFAULT_POLICY, policy)) is NOTHING_SETTLES


def test_zones_that_do_not_meet_are_stricter_than_local() -> None:
    us = Policy((Rule(of("IBAN"), clearance=Clearance(frozenset({"us"}))),), unnamed=ANY)
    settled = settles((DEFAULT_POLICY, us))
    assert settled.by(Finding(0, 0, 4, "IBAN", 0.9))
    assert not settled.by(MAIL)


def test_rules_count_for_those_they_are_for() -> None:
    leave = Policy((Rule(of("EMAIL"), clearance=ANY, scope=Scope(teams=of("hr"), routes=of("mail"))),))
    settling = Settling((leave,))
    plan = RoutePlan("mail", ("small",))
    assert not settling.of(plan, Asker(team="hr")).by(MAIL)
    assert settling.of(plan, Asker(team="it")).by(MAIL)
    assert settling.of(RoutePlan("chat", ("small",)), Asker(team="hr")).by(MAIL)


def test_labels_of_the_request_count_as_well() -> None:
    stricter = Rule(of("EMAIL"), clearance=LOCAL, scope=Scope(labels=of("legal")))
    settling = Settling((Policy((stricter, Rule(of("EMAIL"), clearance=ANY))),))
    plan = RoutePlan("chat", ("small",))
    assert settling.of(plan, Asker(labels=of("legal"))).by(MAIL)
    assert not settling.of(plan, NOBODY).by(MAIL)


def test_a_combination_is_worked_out_once() -> None:
    further = (Policy((Rule(of("IBAN")),), unnamed=ANY),)
    settling = Settling((DEFAULT_POLICY,))
    first = settling.of(RoutePlan("a", policies=further), Asker("ida"))
    assert settling.of(RoutePlan("b", policies=further), Asker("max")) is first
    assert settling.of(RoutePlan("a"), Asker("ida", policies=further)) is first
    scoped = (Policy((Rule(of("IBAN"), scope=Scope(keys=of("max"))),), unnamed=ANY),)
    assert settling.of(RoutePlan("a", policies=scoped), Asker("ida")) is settling.of(
        RoutePlan("a", policies=scoped), Asker("ida")
    )


ZONES = ("local", "eu", "us")
TYPES = ("EMAIL", "IBAN", "PERSON", "ADDRESS")
CONFIDENCES = (0.5, 0.6, 0.9, 0.95, 1.0)
CLEARANCES = st.sampled_from(
    (LOCAL, LOCAL, ANY, EU, Clearance(frozenset({"us"})), MASKED, Clearance.parse("masked:eu+local"), NOWHERE)
)
MILD = st.sampled_from((LOCAL, LOCAL, ANY, EU))  # with which something may settle


def some(*names: str) -> st.SearchStrategy[frozenset[str]]:
    return st.just(frozenset[str]()) | st.frozensets(st.sampled_from(names), max_size=1)


def rules(clearances: st.SearchStrategy[Clearance]) -> st.SearchStrategy[Rule]:
    return st.builds(
        Rule,
        st.frozensets(st.sampled_from((*TYPES, ANY_TYPE)), min_size=1, max_size=2),
        st.sampled_from((0.0, 0.0, 0.6, 0.95)),
        clearances,
        st.builds(Scope, some("legal"), some("auto"), some("ida"), some("hr")),
        st.sampled_from((False, False, True)),
    )


POLICIES = st.just(DEFAULT_POLICY) | st.builds(
    Policy,
    (st.lists(rules(MILD), max_size=3) | st.lists(rules(CLEARANCES), max_size=3)).map(tuple),
    st.sampled_from((LOCAL, ANY)),
)
FURTHER = st.lists(POLICIES, max_size=1).map(tuple)
ASKERS = st.builds(Asker, st.sampled_from(("", "ida")), st.sampled_from(("", "hr")), st.just(""), some("legal"))
LABELS = st.lists(st.builds(Label, st.just("caller"), st.sampled_from((ANY, LOCAL, EU, MASKED))), max_size=1)


@given(
    st.lists(POLICIES, min_size=1, max_size=3), ASKERS, st.sampled_from((*TYPES, "OTHER")), st.sampled_from(CONFIDENCES)
)
def test_whatever_is_found_besides_what_settles_changes_nothing(
    policies: list[Policy], asker: Asker, kind: str, confidence: float
) -> None:
    one = Finding(0, 0, 4, kind, confidence)
    if not settles(policies, "auto", asker).by(one):
        return
    alone = judge(policies, Content(()), Scan((one,)), "auto", asker)
    for other in (*TYPES, "OTHER"):
        for sure in CONFIDENCES:
            scan = Scan((one, Finding(1, 0, 4, other, sure)), ("names",))
            both = judge(policies, Content(()), scan, "auto", asker)
            assert both.clearance == alone.clearance
            assert [reason.code for reason in both.reasons if reason.code != "detector-failure"] == [
                reason.code for reason in alone.reasons
            ]


class Planned:
    """Wakes in every text with a needle. Finds what its plan says for the segment's path, or fails there."""

    def __init__(self, name: str, plan: Mapping[str, Sequence[Span] | None]) -> None:
        self.name = name
        self.triggers: tuple[str, ...] = ("needle",)
        self._plan = plan

    def find(self, view: View, hits: Sequence[int]) -> Iterable[Span]:
        del hits
        spans = self._plan.get(view.label, ())
        if spans is None:
            raise RuntimeError
        return iter(spans)


class Glancing(Planned):
    def __init__(self, name: str, plan: Mapping[str, Sequence[Span] | None]) -> None:
        super().__init__(name, plan)
        self.triggers = ("never",)

    def find_in(
        self, segments: Sequence[Segment], texts: Sequence[str], joined: str, budget: Budget
    ) -> Mapping[int, Sequence[Span]]:
        del texts, joined, budget
        found: dict[int, Sequence[Span]] = {}
        for index, segment in enumerate(segments):
            spans = self._plan.get(segment.path, ())
            if spans is None:
                raise RuntimeError
            found[index] = spans
        return found


PATHS = ("a", "b", "c")
SPANS: st.SearchStrategy[list[Span]] = st.lists(
    st.builds(
        lambda start, size, kind, sure: Span(start, start + size, kind, sure),
        st.integers(0, 20),
        st.integers(1, 20),
        st.sampled_from((*TYPES, "OTHER")),
        st.sampled_from(CONFIDENCES),
    ),
    max_size=6,
)
PLANS = st.dictionaries(st.sampled_from(PATHS), SPANS | st.sampled_from((None, (), ())), max_size=3)
TEXTS = st.lists(st.sampled_from(("a needle " * 5, "hay and more hay " * 3)), min_size=1, max_size=3)


def both(
    router: Router,
    body: Mapping[str, object] | None,
    content: Content,
    plan: RoutePlan,
    labels: Sequence[Label],
    asker: Asker,
) -> Decision:
    """The decision of a router that may stop early, where it is as it would be after reading everything."""
    stopped = router.decide(plan, content, FLEET, body=body, labels=labels, asker=asker)
    whole = router.decide(plan, content, FLEET, body=body, labels=labels, asker=asker, everything=True)
    assert not whole.more
    if not stopped.more:
        assert stopped == whole
        return stopped
    assert (stopped.clearance, stopped.is_blocked) == (whole.clearance, whole.is_blocked)
    assert (stopped.candidates, stopped.difficulty) == (whole.candidates, whole.difficulty)
    assert (stopped.masked, stopped.masking) == ((), None)
    assert (whole.masked, whole.masking) == ((), None)
    assert stopped.reason == whole.reason
    assert {reason.code for reason in whole.reasons} - {"detector-failure"} <= {
        reason.code for reason in stopped.reasons
    }
    return stopped


NAMES_GO = Policy((Rule(of("PERSON"), clearance=ANY),))
NAMES_STAY = Policy((Rule(of("PERSON")),), unnamed=ANY)  # an e-mail in the place of a name does not
MAIL_SPAN = Span(0, 4, "EMAIL", 0.9)


@settings(max_examples=400)
@given(
    st.lists(POLICIES, min_size=1, max_size=2).map(tuple),
    FURTHER,
    FURTHER,
    ASKERS,
    LABELS,
    TEXTS,
    PLANS,
    PLANS,
    st.integers(1, 3),
)
@example((DEFAULT_POLICY,), (), (), NOBODY, [], ["a needle"], {"a": [Span(0, 4, "EMAIL", 0.9)] * 3}, {}, 1)
@example((NAMES_GO,), (), (), NOBODY, [], ["a needle"], {"a": [Span(0, 2, "PERSON", 0.9)]}, {"a": [MAIL_SPAN]}, 1)
@example((NAMES_STAY,), (), (), NOBODY, [], ["a needle"], {"a": [Span(0, 2, "PERSON", 0.9)]}, {"a": [MAIL_SPAN]}, 1)
def test_whatever_the_policies_and_the_findings_it_decides_as_if_it_had_read_everything(
    policies: tuple[Policy, ...],
    routes: tuple[Policy, ...],
    askers: tuple[Policy, ...],
    asker: Asker,
    labels: list[Label],
    texts: list[str],
    plan: Mapping[str, Sequence[Span] | None],
    glimpses: Mapping[str, Sequence[Span] | None],
    enough: int,
) -> None:
    scanner = Scanner([Planned("one", plan), Glancing("two", glimpses)], enough)
    content = Content(tuple(Segment(path, Origin.USER, text) for path, text in zip(PATHS, texts, strict=False)))
    route = RoutePlan("auto", ("small",), ("large", "europe"), policies=routes)
    body = {path: text for path, _, text in content.segments}
    decision = both(Router(scanner, ESTIMATOR, policies), body, content, route, labels, asker._replace(policies=askers))
    event("stopped early" if decision.more else "read everything")


PIECES = (
    "Write to jeanne.durand@example.org or max@gmx.de. ",
    "IBAN DE89 3704 0044 0532 0130 00, card 4970 1012 3456 7893. ",
    "My name is Anna Schmidt, born 3 May 1984, phone +49 151 23456789. ",
    "password = 'hunter2hunter2X9'; AKIAIOSFODNN7EXAMPLQ ",
    "She lives at 12 Rue de la Paix, 75002 Paris and has diabetes. ",
    "VGhlIGNhcmQgaXMgNDk3MDEwMTIzNDU2Nzg5MyBhbmQgdGhlIG1haWwgaXMgbWF4QGdteC5kZQ== ",
    "4970<b>1012</b>3456<b>7893</b> ",
    "Explain how a tide gate works, in three sentences. ",
)
SCANNERS = {enough: Scanner(default_detectors(), enough) for enough in (1, 4, 16)}
SHIPPED = st.sampled_from((DEFAULT_POLICY, *(Policy(rules) for rules in PRESETS.values())))


@settings(max_examples=100)
@given(
    st.sampled_from((1, 4, 16)),
    SHIPPED | POLICIES,
    FURTHER,
    LABELS,
    st.lists(st.lists(st.sampled_from(PIECES), max_size=8).map("".join), min_size=1, max_size=3),
)
def test_real_texts_are_decided_as_if_everything_had_been_read(
    enough: int, policy: Policy, further: tuple[Policy, ...], labels: list[Label], texts: list[str]
) -> None:
    body = {"messages": [{"role": "user", "content": text} for text in texts]}
    route = RoutePlan("auto", ("small",), ("large", "europe"), policies=further)
    decision = both(Router(SCANNERS[enough], ESTIMATOR, (policy,)), body, content_of(body), route, labels, NOBODY)
    event("stopped early" if decision.more else "read everything")


def test_with_plenty_it_stops_and_says_so() -> None:
    body = {"messages": [{"role": "user", "content": "".join(PIECES[:5] * 10)}]}
    router, plan = Router(SCANNERS[16], ESTIMATOR), RoutePlan("auto", ("small",), ("large",))
    decision = both(router, body, content_of(body), plan, (), NOBODY)
    assert decision.more
    assert 16 <= len(decision.findings) < len(router.decide(plan, content_of(body), FLEET, everything=True).findings)
    assert str(decision.reasons[0]).startswith("sensitive(at least ")


def test_with_little_it_counts_everything() -> None:
    body = {"messages": [{"role": "user", "content": "".join(PIECES[:2])}]}
    router, plan = Router(SCANNERS[16], ESTIMATOR), RoutePlan("auto", ("small",), ("large",))
    decision = both(router, body, content_of(body), plan, (), NOBODY)
    assert not decision.more
    assert str(decision.reasons[0]) == "sensitive(CREDIT_CARD:1,EMAIL:2,IBAN:1)"
