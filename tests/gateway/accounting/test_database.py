"""A ledger must come up whatever it finds: nothing, an old one, another replica at the same moment, or no server."""

from __future__ import annotations

import gc
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from gateway.accounting.database import Database, LedgerUnavailable
from tests.servers.postgres import PostgresServer


def test_replicas_that_start_together_migrate_once(url: str) -> None:
    databases = [Database(url) for _ in range(4)]
    with ThreadPoolExecutor(len(databases)) as pool:
        for done in [pool.submit(database.migrate) for database in databases]:
            done.result()
    with databases[0].reading() as connection:
        assert connection.execute(text("SELECT version_num FROM ledger_version")).scalars().all() == ["0001"]
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


def test_a_failed_transaction_leaves_nothing(url: str) -> None:
    database = Database(url)
    database.migrate()

    def fail_halfway() -> None:
        with database.writing() as connection:
            connection.execute(text("INSERT INTO journal_positions VALUES ('f', 1)"))
            connection.execute(text("INSERT INTO no_such_table VALUES (1)"))

    with pytest.raises(LedgerUnavailable):
        fail_halfway()
    with database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM journal_positions")).scalar_one() == 0
    database.close()


def test_readers_of_sqlite_do_not_wait_for_the_writer(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/ledger.db")
    database.migrate()
    with database.writing() as writer:
        writer.execute(text("INSERT INTO journal_positions VALUES ('f', 1)"))
        with database.reading() as reader:
            assert reader.execute(text("SELECT count(*) FROM journal_positions")).scalar_one() == 0
            assert reader.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
            assert reader.execute(text("PRAGMA synchronous")).scalar_one() == 2
    database.close()


def test_the_directory_that_is_made_is_the_owners(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/new/ledger.db")
    database.migrate()
    database.close()
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "url", ["", "no url", "mysql://user:secret@host/db", "sqlite:////proc/none/ledger.db", "sqlite:////proc/version"]
)
def test_an_unusable_url_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(LedgerUnavailable) as caught:
        Database(url).migrate()
    assert "secret" not in str(caught.value)


def test_a_server_that_is_away_is_said_to_be(own_postgres: PostgresServer) -> None:
    url = own_postgres.database()
    database = Database(url)
    database.migrate()
    own_postgres.stop()
    with pytest.raises(LedgerUnavailable) as caught:
        database.migrate()
    assert str(own_postgres.port) not in str(caught.value)
    own_postgres.start()
    database.migrate()
    database.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_server_that_hangs_is_waited_for_no_longer_than_said(own_postgres: PostgresServer) -> None:
    database = Database(own_postgres.database(), wait_seconds=0.5)
    database.migrate()
    own_postgres.freeze()  # new connections hang; the one in the pool has its own process and answers
    with database.reading() as first:
        first.execute(text("SELECT 1"))
        with pytest.raises(LedgerUnavailable), database.reading():
            raise AssertionError("there was a second connection")
    own_postgres.thaw()
    database.migrate()
    database.close()
    gc.collect()  # pg8000 leaves the socket of a failed handshake to the collector, which warns: now, not later


@pytest.mark.parametrize("mode", ["require", "verify-full"])
def test_encryption_that_is_asked_for_is_not_done_without(postgres: PostgresServer, mode: str) -> None:
    database = Database(f"{postgres.database()}?sslmode={mode}")
    with pytest.raises(LedgerUnavailable):  # the test's server speaks no TLS
        database.migrate()
    database.close()


def test_a_mode_that_allows_plain_text_is_understood(postgres: PostgresServer) -> None:
    database = Database(f"{postgres.database()}?sslmode=disable")
    database.migrate()
    database.close()
