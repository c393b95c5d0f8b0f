"""If these fail, the one door to the outside stands open."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.egress.guard import Guard, LocalityRefused, Permit
from gateway.egress.target import Target
from router.clearance import ANY, Clearance
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
