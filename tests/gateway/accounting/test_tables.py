"""The tables that the migrations make must be those that the code reads; sums of money must be exact."""

from __future__ import annotations

from decimal import Decimal

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from gateway.accounting.ledger import Ledger
from gateway.accounting.tables import ATTEMPTS, METADATA, exact_sum
from tests.gateway.accounting.samples import MONEY, apply, settlement


def test_migrations_make_the_tables_that_are_described(ledger: Ledger) -> None:
    with ledger.reading() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "ledger_version"})
        assert compare_metadata(context, METADATA) == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(MONEY, max_size=12))
def test_a_sum_is_exact(ledger: Ledger, amounts: list[Decimal | None]) -> None:
    with ledger._database.writing() as connection:
        connection.execute(delete(ATTEMPTS))
    apply(ledger, (settlement(f"a{number}", cost=amount) for number, amount in enumerate(amounts)))
    with ledger.reading() as connection:
        total = connection.execute(select(exact_sum(ATTEMPTS.c.cost))).scalar_one()
    known = [amount for amount in amounts if amount is not None]
    assert total == (sum(known, Decimal(0)) if known else None)


def test_a_sum_of_many_small_amounts_does_not_drift(ledger: Ledger) -> None:
    apply(ledger, (settlement(f"a{number}", cost=Decimal("0.1")) for number in range(1000)))
    with ledger.reading() as connection:
        assert connection.execute(select(exact_sum(ATTEMPTS.c.cost))).scalar_one() == Decimal(100)
