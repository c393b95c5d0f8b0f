"""A ledger must come up whatever it finds: nothing, an old one, a later one, or another replica at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection, inspect, select, text

from gateway.accounting.audit.export import export
from gateway.accounting.audit.tables import BLOCKS
from gateway.accounting.database import Database, LedgerUnavailable
from gateway.accounting.ledger import Ledger
from gateway.accounting.migrations import configuration
from gateway.accounting.period import Period
from gateway.accounting.tables import ATTEMPTS, REVISION
from gateway.accounting.usage import Usage
from tests.gateway.accounting.audit.site import Site, faults, kept, verdict
from tests.gateway.accounting.samples import apply, intent, settlement


def test_replicas_that_start_together_migrate_once(url: str) -> None:
    databases = [Database(url) for _ in range(4)]
    with ThreadPoolExecutor(len(databases)) as pool:
        for done in [pool.submit(database.migrate) for database in databases]:
            done.result()
    with databases[0].reading() as connection:
        assert connection.execute(text("SELECT version_num FROM ledger_version")).scalars().all() == [REVISION]
        assert {"attempts", "journal_positions"} <= set(inspect(connection).get_table_names())
    for database in databases:
        database.close()


def move_to(connection: Connection, revision: str) -> None:
    config = configuration()
    config.attributes["connection"] = connection
    (command.upgrade if revision == REVISION else command.downgrade)(config, revision)


def test_an_audit_with_a_row_for_each_record_is_carried_over(ledger: Ledger, tmp_path: Path) -> None:
    site = Site(tmp_path / "one", ledger)
    site.write("w0", ["sent", "hit", "declined"])
    site.move()
    site.write("w0", ["sent", "sent"])
    site.move()
    before = kept(ledger)
    database = ledger._database
    with database.writing() as connection:
        move_to(connection, "0002")
        rows = connection.execute(text("SELECT chain, number, hash, record FROM audit_records ORDER BY number")).all()
        assert [tuple(row) for row in rows] == [(chain, *one) for chain, one in before]
        move_to(connection, REVISION)
        assert not inspect(connection).has_table("audit_records")
        assert connection.execute(select(BLOCKS.c.first).order_by(BLOCKS.c.first)).scalars().all() == [1, 2, 3, 4, 5]
    assert kept(ledger) == before
    assert verdict(ledger).records == 5
    with ledger.reading() as connection:
        assert [row["number"] for row in export(connection, Period(None, None))] == [1, 2, 3, 4, 5]
    site.write("w0", ["sent"])
    site.close()
    site.move()
    assert verdict(ledger).records == 6


def test_what_was_done_to_it_before_is_carried_over_too(ledger: Ledger, tmp_path: Path) -> None:
    site = Site(tmp_path / "one", ledger)
    site.write("w0", ["sent"] * 5)
    site.close()
    site.move()
    with ledger._database.writing() as connection:
        move_to(connection, "0002")
        connection.execute(text("UPDATE audit_records SET record = replace(record, 'cloud', 'local') WHERE number = 2"))
        connection.execute(text("DELETE FROM audit_records WHERE number = 4"))
        connection.execute(text("UPDATE audit_records SET chain = 'other' WHERE number = 5"))
        move_to(connection, REVISION)
    assert [(fault.number, fault.what) for fault in faults(ledger)] == [
        (2, "was changed, or does not follow on the one before it"),
        (4, "2 records missing"),
        (5, "1 record that no anchor tells of"),
    ]


def test_what_was_there_before_roles_answered_a_client(ledger: Ledger) -> None:
    """And a replica that has not been updated yet may go on writing without one."""
    apply(ledger, [settlement("a1"), settlement("a2")])
    database = ledger._database
    with database.writing() as connection:
        move_to(connection, "0003")
        assert "role" not in {column["name"] for column in inspect(connection).get_columns("attempts")}
        move_to(connection, REVISION)
        connection.execute(text("INSERT INTO attempts (attempt_id, settled_at, outcome) VALUES ('a3', 1, 'ok')"))
    apply(ledger, [settlement(intent("a4", role="judge"))])
    with ledger.reading() as connection:
        rows = connection.execute(select(ATTEMPTS.c.attempt_id, ATTEMPTS.c.role, ATTEMPTS.c.cost)).all()
    cost = settlement().cost
    assert sorted(map(tuple, rows)) == [
        ("a1", "answer", cost),
        ("a2", "answer", cost),
        ("a3", "answer", None),
        ("a4", "judge", cost),
    ]


def test_of_what_was_there_before_nobody_knows_whose_journal_it_was_in(ledger: Ledger) -> None:
    apply(ledger, [settlement("a1")], worker="one")
    database = ledger._database
    with database.writing() as connection:
        move_to(connection, "0004")
        assert "held" not in {column["name"] for column in inspect(connection).get_columns("attempts")}
        move_to(connection, REVISION)
    begun = intent("a2", tags=("batch",), held=Decimal("0.5"))
    apply(ledger, [settlement(begun, usage=Usage(100, 20, tier="flex"))], worker="two")
    columns = [ATTEMPTS.c[name] for name in ("attempt_id", "worker", "tags", "held", "tier", "cost")]
    with ledger.reading() as connection:
        rows = connection.execute(select(*columns).order_by(ATTEMPTS.c.attempt_id)).all()
    cost = settlement().cost
    assert list(map(tuple, rows)) == [
        ("a1", None, None, None, None, cost),
        ("a2", "two", ["batch"], Decimal("0.5"), "flex", cost),
    ]


def test_a_ledger_of_a_later_version_is_left_alone(url: str) -> None:
    database = Database(url)
    database.migrate()
    with database.writing() as connection:
        connection.execute(text("UPDATE ledger_version SET version_num = '9999'"))
    with pytest.raises(LedgerUnavailable):
        database.migrate()
    database.close()


def test_what_it_says_of_itself_is_that_it_is_a_ledger(tmp_path: Path) -> None:
    """And journals are deleted on the strength of it, so it survives the power."""
    database = Database(f"sqlite:///{tmp_path}/ledger.db")
    with database.reading() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2
    database.close()
    with pytest.raises(LedgerUnavailable, match="ledger's URL"):
        Database("no url")
