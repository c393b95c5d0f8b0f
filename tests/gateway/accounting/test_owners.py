"""If these fail, budgets of many keys are rebuilt from the ledger otherwise than that of one."""

from __future__ import annotations

from decimal import Decimal
from typing import get_args

import pytest

from gateway.accounting.ledger import Ledger
from gateway.accounting.owners import Kind, spent_by_owner
from gateway.accounting.spent import Whose, spent_by_worker
from tests.gateway.accounting.samples import NOON, apply, intent, settlement

DAY = 86_400.0


def fill(ledger: Ledger) -> None:
    """Two of everything, and what has neither team nor tag; ended, under way, and of unknown cost."""
    number = 0
    for worker in ("one", "two"):
        for key, team, tags in (("dev", "red", ("batch", "a")), ("ops", None, ()), ("dev", "blue", ("a",))):
            for at in (NOON - 1, NOON, NOON + DAY - 1, NOON + DAY):
                number += 1
                who = {"key": key, "team": team, "route": f"to-{key}", "tags": tags, "at": at}
                held = Decimal(number)
                ended = intent(f"a{number}", **who, held=held)
                apply(
                    ledger,
                    [
                        settlement(ended, at=at, cost=None if number % 3 else Decimal(number) / 1000),
                        intent(f"b{number}", **who, held=None if number % 5 == 0 else held * 1000),
                    ],
                    worker=worker,
                )


@pytest.mark.parametrize("kind", get_args(Kind))
def test_each_owner_has_what_is_said_when_it_is_asked_alone(ledger: Ledger, kind: Kind) -> None:
    fill(ledger)
    found = spent_by_owner(ledger, kind, NOON, NOON + DAY)
    owners = {"key": {"dev", "ops"}, "team": {"red", "blue"}, "route": {"to-dev", "to-ops"}, "tag": {"batch", "a"}}
    assert set(found) == owners[kind]
    for owner, spent in found.items():
        assert set(spent) == {"one", "two"}
        assert spent == spent_by_worker(ledger, Whose(**{kind: owner}), NOON, NOON + DAY)


def test_nobody_spent_nothing(ledger: Ledger) -> None:
    assert spent_by_owner(ledger, "key", NOON, NOON + DAY) == {}
