"""If these fail, a finding or a doubt no longer keeps content at home."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from router.asker import NOBODY, Asker
from router.clearance import ANY, LOCAL, NOWHERE, Clearance
from router.content import Content, Opaque
from router.policy import DEFAULT_POLICY, Policy, judge
from router.rule import ANY_TYPE, Rule, Scope
from router.sensitivity.finding import Finding, Scan

NOTHING = Content(())


def finding(kind: str, confidence: float = 0.9) -> Finding:
    return Finding(0, 0, 4, kind, confidence)


def test_nothing_found_may_go_anywhere() -> None:
    assert DEFAULT_POLICY.judge(NOTHING, Scan(())) == (ANY, (), (), ())


@given(st.text(min_size=1, max_size=12), st.floats(0, 1))
def test_by_default_any_finding_stays(kind: str, confidence: float) -> None:
    clearance, reasons, *_ = DEFAULT_POLICY.judge(NOTHING, Scan((finding(kind, confidence),)))
    assert clearance == LOCAL
    assert [reason.code for reason in reasons] == ["sensitive"]


def test_a_failed_detector_means_local_whatever_the_rules_say() -> None:
    policy = Policy((Rule(clearance=ANY),))
    clearance, reasons, *_ = policy.judge(NOTHING, Scan((), failed=("names",)))
    assert clearance == LOCAL
    assert str(reasons[0]) == "detector-failure(names)"


def test_what_cannot_be_read_stays() -> None:
    policy = Policy((Rule(clearance=ANY),))
    clearance, reasons, *_ = policy.judge(Content((), (Opaque("messages[0]", "image"),)), Scan(()))
    assert clearance == LOCAL
    assert str(reasons[0]) == "unreadable(image:1)"


def test_rules_open_named_types_only() -> None:
    policy = Policy((Rule(frozenset({"EMAIL"}), 0.0, ANY),))
    assert policy.judge(NOTHING, Scan((finding("EMAIL"),))).clearance == ANY
    assert policy.judge(NOTHING, Scan((finding("EMAIL"), finding("IBAN")))).clearance == LOCAL


def test_the_first_rule_that_covers_decides() -> None:
    eu = Clearance.parse("eu+local")
    policy = Policy((Rule(frozenset({"PERSON"}), 0.95, LOCAL), Rule(frozenset({"PERSON"}), 0.5, eu)))
    assert policy.judge(NOTHING, Scan((finding("PERSON", 0.99),))).clearance == LOCAL
    assert policy.judge(NOTHING, Scan((finding("PERSON", 0.7),))).clearance == eu
    assert policy.judge(NOTHING, Scan((finding("PERSON", 0.2),))).clearance == ANY


def test_reasons_count_and_quote_nothing() -> None:
    _, reasons, *_ = DEFAULT_POLICY.judge(NOTHING, Scan((finding("EMAIL"), finding("EMAIL"), finding("IBAN"))))
    assert str(reasons[0]) == "sensitive(EMAIL:2,IBAN:1)"


def test_masked_are_those_whose_rule_wants_masks_and_no_others() -> None:
    policy = Policy((Rule(frozenset({"EMAIL", "PERSON"}), 0.5, Clearance.parse("masked")), Rule(clearance=ANY)))
    email, person, phone = finding("EMAIL"), finding("PERSON"), finding("PHONE")
    verdict = policy.judge(NOTHING, Scan((email, phone, person, finding("EMAIL", 0.2))))
    assert verdict.masked == (email, person)
    assert str(verdict.clearance) == "masked"


def test_what_stays_anyway_is_masked_as_well() -> None:
    """So that no later reader of the verdict can take the masks alone for enough."""
    policy = Policy((Rule(frozenset({"EMAIL"}), 0.0, Clearance.parse("masked:eu+local")),))
    verdict = policy.judge(NOTHING, Scan((finding("EMAIL"), finding("IBAN"))))
    assert [found.type for found in verdict.masked] == ["EMAIL"]
    assert str(verdict.clearance) == "masked:local"


def only(**scope: str) -> Scope:
    return Scope(**{name: frozenset({value}) for name, value in scope.items()})


HR = Asker("ida", "hr", "fr", frozenset({"legal"}))


def test_a_rule_that_blocks_is_the_first_reason_and_leaves_nowhere_to_go() -> None:
    policy = Policy((Rule(frozenset({"SECRET"}), 0.5, NOWHERE, name="r0"),))
    verdict = policy.judge(NOTHING, Scan((finding("EMAIL"), finding("SECRET"), finding("SECRET"))))
    assert verdict.clearance == NOWHERE
    assert [str(reason) for reason in verdict.reasons] == ["blocked(SECRET:2)", "sensitive(EMAIL:1)"]
    assert policy.judge(NOTHING, Scan((finding("EMAIL"),))).clearance == LOCAL


def test_what_is_too_weak_to_block_or_to_let_go_is_no_more_harmless_for_it() -> None:
    for outcome in (NOWHERE, ANY):
        policy = Policy((Rule(frozenset({"SECRET"}), 0.9, outcome),))
        assert policy.judge(NOTHING, Scan((finding("SECRET", 0.6),))).clearance == LOCAL


def test_zones_that_do_not_meet_are_no_block() -> None:
    eu, us = (Policy((Rule(clearance=Clearance(frozenset({zone}))),)) for zone in ("eu", "us"))
    verdict = judge((eu, us), NOTHING, Scan((finding("EMAIL"),)))
    assert verdict.clearance == NOWHERE
    assert [reason.code for reason in verdict.reasons] == ["sensitive"]


def test_a_rule_for_a_whole_team_holds_without_any_finding() -> None:
    policy = Policy((Rule(scope=only(teams="hr"), whole=True, name="r0"),))
    assert str(judge((policy,), NOTHING, Scan(()), "auto", HR).reasons[0]) == "policy(r0)"
    assert judge((policy,), NOTHING, Scan(()), "auto", HR).clearance == LOCAL
    assert judge((policy,), NOTHING, Scan(()), "auto", NOBODY).clearance == ANY


def test_leave_for_a_team_is_for_findings_and_for_that_team() -> None:
    policy = Policy((Rule(clearance=ANY, scope=only(teams="hr"), whole=True),))
    assert judge((policy,), NOTHING, Scan((finding("EMAIL"),)), "auto", HR).clearance == ANY
    assert judge((policy,), NOTHING, Scan((finding("EMAIL"),)), "auto", NOBODY).clearance == LOCAL


def test_whoever_labels_a_request_may_narrow_only() -> None:
    """Else the caller could say `public` of a secret."""
    leave = Rule(clearance=ANY, scope=only(labels="legal"), whole=True)
    narrower = Rule(frozenset({"EMAIL"}), clearance=Clearance.parse("eu+local"), scope=only(labels="legal"))
    email = Scan((finding("EMAIL"),))
    assert judge((Policy((leave,)),), NOTHING, email, "auto", HR).clearance == LOCAL
    opened = Rule(frozenset({"EMAIL"}), clearance=ANY)
    assert judge((Policy((narrower, opened)),), NOTHING, email, "auto", NOBODY).clearance == ANY
    assert str(judge((Policy((narrower, opened)),), NOTHING, email, "auto", HR).clearance) == "eu+local"


def test_a_label_can_block() -> None:
    policy = Policy((Rule(clearance=NOWHERE, scope=only(labels="legal"), whole=True, name="r0"),))
    verdict = judge((policy,), NOTHING, Scan(()), "auto", HR)
    assert (verdict.clearance, str(verdict.reasons[0])) == (NOWHERE, "blocked(r0)")


def test_masks_for_the_whole_request_are_for_all_findings() -> None:
    masks = Rule(clearance=Clearance.parse("masked"), scope=only(keys="ida"), whole=True)
    policy = Policy((Rule(frozenset({"EMAIL"}), clearance=ANY), masks))
    email, iban = finding("EMAIL"), finding("IBAN")
    verdict = judge((policy,), NOTHING, Scan((email, iban)), "auto", HR)
    assert (verdict.masked, str(verdict.clearance)) == ((email, iban), "masked")


def test_a_policy_that_is_joined_leaves_what_it_does_not_name_to_the_others() -> None:
    generous = Policy((Rule(clearance=ANY),))
    of_a_route = Policy((Rule(frozenset({"IBAN"}), clearance=LOCAL),), unnamed=ANY)
    assert judge((generous, of_a_route), NOTHING, Scan((finding("EMAIL"),))).clearance == ANY
    assert judge((generous, of_a_route), NOTHING, Scan((finding("IBAN"),))).clearance == LOCAL


def test_kinds_that_may_go_unread_do_so_and_no_others() -> None:
    readable = (("image", ANY), ("file", Clearance.parse("eu+local")))

    def clearance(*kinds: str) -> Clearance:
        content = Content((), tuple(Opaque("x", kind) for kind in kinds))
        return judge((DEFAULT_POLICY,), content, Scan(()), readable=readable).clearance

    assert clearance("image", "image") == ANY
    assert str(clearance("image", "file")) == "eu+local"
    assert clearance("image", "audio") == LOCAL
    assert clearance("deep") == LOCAL


def test_each_rule_that_had_a_say_is_told_with_types_and_counts() -> None:
    emails, ibans = frozenset({"EMAIL"}), frozenset({"IBAN"})
    policy = Policy((Rule(emails, 0.5, ANY, name="r0"), Rule(ibans, 0.95, LOCAL, name="r1")))
    scan = Scan((finding("EMAIL"), finding("EMAIL", 0.8), finding("IBAN"), finding("MAC")))
    assert [(ruling.rule, str(ruling.clearance), ruling.counts) for ruling in policy.judge(NOTHING, scan).rulings] == [
        ("r0", "any", (("EMAIL", 2),)),
        ("too weak for r1", "any", (("IBAN", 1),)),
        ("no rule names it", "local", (("MAC", 1),)),
    ]


ZONES = ("local", "eu", "cloud")
CLEARANCES = st.builds(Clearance, st.none() | st.frozensets(st.sampled_from(ZONES), max_size=3), st.booleans())
TYPES = ("EMAIL", "IBAN", "SECRET")


def some(*names: str) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(names), max_size=1)


SCOPES = st.builds(Scope, some("legal", "public"), some("auto"), some("ida"), some("hr", "it"), some("fr"))
RULES = st.builds(
    Rule,
    st.frozensets(st.sampled_from((*TYPES, ANY_TYPE)), min_size=1, max_size=2),
    st.sampled_from((0.0, 0.7)),
    CLEARANCES,
    SCOPES,
    st.booleans(),
)
POLICIES = st.builds(Policy, st.lists(RULES, max_size=4).map(tuple), st.sampled_from((LOCAL, ANY)))
FINDINGS = st.lists(st.builds(finding, st.sampled_from(TYPES), st.sampled_from((0.6, 0.9))), max_size=4).map(tuple)
ASKERS = st.builds(Asker, st.sampled_from(("", "ida")), st.sampled_from(("", "hr")), st.sampled_from(("", "fr")))


def permits_no_more(stricter: Clearance, looser: Clearance) -> bool:
    return all(
        looser.permits(zone, masked=masked)
        for zone in ZONES
        for masked in (False, True)
        if stricter.permits(zone, masked=masked)
    )


@given(st.lists(POLICIES, max_size=3), POLICIES, FINDINGS, ASKERS)
def test_a_further_policy_never_widens(
    policies: list[Policy], further: Policy, findings: tuple[Finding, ...], asker: Asker
) -> None:
    before = judge(policies, NOTHING, Scan(findings), "auto", asker)
    after = judge([*policies, further], NOTHING, Scan(findings), "auto", asker)
    assert permits_no_more(after.clearance, before.clearance)
    assert set(before.masked) <= set(after.masked)


@given(st.lists(POLICIES, min_size=1, max_size=3), FINDINGS, ASKERS, some("legal"), some("public"))
def test_a_label_never_widens(
    policies: list[Policy],
    findings: tuple[Finding, ...],
    asker: Asker,
    labels: frozenset[str],
    further: frozenset[str],
) -> None:
    before = judge(policies, NOTHING, Scan(findings), "auto", asker._replace(labels=labels))
    after = judge(policies, NOTHING, Scan(findings), "auto", asker._replace(labels=labels | further))
    assert permits_no_more(after.clearance, before.clearance)
    assert set(before.masked) <= set(after.masked)


@given(st.lists(POLICIES, min_size=1, max_size=3), FINDINGS, FINDINGS, ASKERS)
def test_a_further_finding_never_widens(
    policies: list[Policy], findings: tuple[Finding, ...], further: tuple[Finding, ...], asker: Asker
) -> None:
    before = judge(policies, NOTHING, Scan(findings), "auto", asker)
    after = judge(policies, NOTHING, Scan(findings + further), "auto", asker)
    assert permits_no_more(after.clearance, before.clearance)


@given(st.lists(POLICIES, min_size=1, max_size=3), FINDINGS, ASKERS, st.sampled_from(("image", "deep")))
def test_doubt_stays_whatever_the_rules_say(
    policies: list[Policy], findings: tuple[Finding, ...], asker: Asker, kind: str
) -> None:
    for content, scan in (
        (NOTHING, Scan(findings, ("names",))),
        (Content((), (Opaque("x", kind),)), Scan(findings)),
    ):
        assert judge(policies, content, scan, "auto", asker).clearance.is_local
