"""If these fail, the one door to the outside stands open."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.egress.guard import Guard, LocalityRefused, Permit
from gateway.egress.target import Target
from router.clearance import ANY, Clearance
from router.content import content_of
from router.difficulty.estimator import Estimator
from router.masking.proof import MaskedBody
from router.policy import Policy
from router.router import Router
from router.rule import Rule
from router.sensitivity.scanner import Scanner
from router.strategy import RoutePlan
from tests.gateway.egress.permits import patience

ZONES = ("local", "eu", "cloud")


def target(zone: str) -> Target:
    return Target("d", zone, "openai", "m", "http://127.0.0.1:1/v1", patience())


@given(st.sampled_from(ZONES), st.none() | st.frozensets(st.sampled_from(ZONES)), st.booleans())
def test_a_permit_is_given_only_inside_the_clearance(zone: str, zones: frozenset[str] | None, masked: bool) -> None:
    refusals: list[tuple[str, str]] = []
    guard = Guard(lambda name, where: refusals.append((name, where)))
    clearance = Clearance(zones, masked)
    if clearance.permits(zone):
        assert guard.permit(target(zone), clearance).target.zone == zone
        assert refusals == []
    else:
        with pytest.raises(LocalityRefused):
            guard.permit(target(zone), clearance)
        assert refusals == [("d", zone)]


def test_content_that_may_travel_masked_only_does_not_travel_unmasked() -> None:
    with pytest.raises(LocalityRefused):
        Guard(lambda *_: None).permit(target("cloud"), Clearance.parse("masked"))


def test_nobody_else_makes_a_permit() -> None:
    with pytest.raises(LocalityRefused):
        Permit(target("cloud"), ANY, object())


def test_a_refusal_is_an_answer_in_the_clients_terms() -> None:
    error = LocalityRefused("no")
    assert (error.status, error.code) == (503, "locality_refused")


def masking_of(clearance: str, text: str = "to a@b.org") -> MaskedBody:
    body = {"prompt": text}
    router = Router(Scanner.default(), Estimator.shipped(), (Policy((Rule(clearance=Clearance.parse(clearance)),)),))
    found = router.masking(RoutePlan("r"), content_of(body), body)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("clearance", "zones"),
    [("masked", {"local": False, "eu": True, "cloud": True}), ("masked:eu+local", {"local": False, "eu": True})],
)
def test_masked_content_goes_where_no_other_may(clearance: str, zones: dict[str, bool]) -> None:
    masking = masking_of(clearance)
    guard = Guard(lambda *_: None)
    for zone in ZONES:
        if zone not in zones:
            with pytest.raises(LocalityRefused):
                guard.permit(target(zone), Clearance.parse(clearance), masking)
        else:
            permit = guard.permit(target(zone), Clearance.parse(clearance), masking)
            assert permit.masking is (masking if zones[zone] else None)  # at home it is seen as it came


def test_masks_are_good_for_the_clearance_that_they_were_made_for() -> None:
    with pytest.raises(LocalityRefused):
        Guard(lambda *_: None).permit(target("cloud"), Clearance.parse("masked"), masking_of("masked:eu+local"))


def test_what_may_go_anywhere_goes_as_it_is() -> None:
    assert Guard(lambda *_: None).permit(target("cloud"), ANY, masking_of("masked")).masking is None
