"""A ledger must come up whatever it finds: nothing, an old one, a later one, or another replica at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from gateway.accounting.database import Database, LedgerUnavailable
from gateway.accounting.tables import REVISION


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
