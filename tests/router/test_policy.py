"""If these fail, a finding or a doubt no longer keeps content at home."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from router.clearance import ANY, LOCAL, Clearance
from router.content import Content, Opaque
from router.policy import DEFAULT_POLICY, Policy, Rule
from router.sensitivity.finding import Finding, Scan

NOTHING = Content(())


def finding(kind: str, confidence: float = 0.9) -> Finding:
    return Finding(0, 0, 4, kind, confidence)


def test_nothing_found_may_go_anywhere() -> None:
    assert DEFAULT_POLICY.judge(NOTHING, Scan(())) == (ANY, (), ())


@given(st.text(min_size=1, max_size=12), st.floats(0, 1))
def test_by_default_any_finding_stays(kind: str, confidence: float) -> None:
    clearance, reasons, _ = DEFAULT_POLICY.judge(NOTHING, Scan((finding(kind, confidence),)))
    assert clearance == LOCAL
    assert [reason.code for reason in reasons] == ["sensitive"]


def test_a_failed_detector_means_local_whatever_the_rules_say() -> None:
    policy = Policy((Rule(clearance=ANY),))
    clearance, reasons, _ = policy.judge(NOTHING, Scan((), failed=("names",)))
    assert clearance == LOCAL
    assert str(reasons[0]) == "detector-failure(names)"


def test_what_cannot_be_read_stays() -> None:
    policy = Policy((Rule(clearance=ANY),))
    clearance, reasons, _ = policy.judge(Content((), (Opaque("messages[0]", "image"),)), Scan(()))
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
    _, reasons, _ = DEFAULT_POLICY.judge(NOTHING, Scan((finding("EMAIL"), finding("EMAIL"), finding("IBAN"))))
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
