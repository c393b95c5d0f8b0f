"""If these fail, what a key was given is not what it has after a restart."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gateway.access.terms import KeyTerms, TeamTerms, read, terms_in, written
from gateway.config.quota import Budget, Limits
from gateway.config.settings import Key

FULL = KeyTerms(
    owner="Ann",
    team="lab",
    routes=("auto",),
    role="auditor",
    tags=("x",),
    locality="masked:eu+local",
    region="fr",
    limits=Limits(tokens_per_minute=10**11),
    budgets={"b": Budget(amount=Decimal("0.100000000001"), rolling="30d", hard=False, at_limit="stay-local")},
)


@pytest.mark.parametrize("terms", [KeyTerms(), FULL])
def test_terms_come_back_as_they_were(terms: KeyTerms) -> None:
    assert read(written(terms), KeyTerms) == terms


def test_what_an_earlier_release_did_not_write_is_as_if_left_out() -> None:
    assert read("{}", KeyTerms) == KeyTerms()
    assert read('{"region": "fr"}', TeamTerms) == TeamTerms(region="fr")


@pytest.mark.parametrize(
    "text", ['{"only_on": "sundays"}', '{"limits": {"per_day": 1}}', "[]", "{", '{"role": "boss"}', '{"tags": 7}']
)
def test_what_a_later_release_wrote_is_not_guessed_at(text: str) -> None:
    with pytest.raises(ValueError):
        read(text, KeyTerms)


def test_terms_of_a_configured_key_are_those_that_it_has() -> None:
    key = Key(name="ann", hash="sha256:" + 64 * "0", team="lab", role="viewer", tags=("x",))
    assert terms_in(key, KeyTerms) == KeyTerms(team="lab", role="viewer", tags=("x",))
    assert FULL.as_key("ann").limits == FULL.limits
