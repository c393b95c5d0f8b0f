"""If these fail, the holder of a key is told what somebody else has used, or not all of their own."""

from __future__ import annotations

from decimal import Decimal

from gateway.accounting.ledger import Ledger
from gateway.accounting.period import Period
from gateway.accounting.usage import Usage
from gateway.accounting.used import Used, used_by
from tests.gateway.accounting.samples import NOON, apply, intent, settlement


def test_what_a_key_has_used_is_all_its_own(ledger: Ledger) -> None:
    apply(ledger, [
        settlement("a1", cost=Decimal("0.000000000001"), usage=Usage(100, 20)),
        settlement(intent("a2", request_id="r1", role="shadow"), cost=Decimal("0.1"), usage=Usage(7, 3)),
        settlement("a3", cost=None, usage=None),
        settlement(intent("a4", key="ann"), cost=Decimal(5)),
        settlement("a5", cost=Decimal(1), usage=Usage(1, 1), at=NOON + 100),
    ])  # fmt: skip
    assert used_by(ledger, "dev", Period(NOON, NOON + 50)) == Used(2, 107, 23, Decimal("0.100000000001"), 1)
    assert used_by(ledger, "dev", Period(NOON)) == Used(3, 108, 24, Decimal("1.100000000001"), 1)
    assert used_by(ledger, "nobody", Period()) == Used(0, 0, 0, Decimal(0), 0)
