"""A database must be found, or said not to be: whatever stands in its URL, and whatever its server does."""

from __future__ import annotations

import gc
import sqlite3
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from gateway.stores.sql import Database, DatabaseUnavailable
from tests.servers.postgres import PostgresServer


class Careless(Database):
    survives_power_loss = False


def with_table(database: Database) -> Database:
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE things (name TEXT)"))
    return database


def count(database: Database) -> int:
    with database.reading() as connection:
        return int(connection.execute(text("SELECT count(*) FROM things")).scalar_one())


def test_a_failed_transaction_leaves_nothing(sql_url: str) -> None:
    database = with_table(Database(sql_url))

    def fail_halfway() -> None:
        with database.writing() as connection:
            connection.execute(text("INSERT INTO things VALUES ('a')"))
            connection.execute(text("INSERT INTO no_such_table VALUES (1)"))

    with pytest.raises(DatabaseUnavailable):
        fail_halfway()
    assert count(database) == 0
    database.close()


def test_readers_of_sqlite_do_not_wait_for_the_writer(tmp_path: Path) -> None:
    database = with_table(Database(f"sqlite:///{tmp_path}/some.db"))
    with database.writing() as writer:
        writer.execute(text("INSERT INTO things VALUES ('a')"))
        assert count(database) == 0
    assert count(database) == 1
    database.close()


def test_a_new_file_of_sqlite_may_be_opened_by_several_at_once(tmp_path: Path) -> None:
    """The first one to write locks it before it is in WAL mode, and SQLite lets nobody wait for that."""
    file = tmp_path / "some.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as first, ThreadPoolExecutor(1) as pool:
        first.execute("BEGIN IMMEDIATE")
        hasty = Database(f"sqlite:///{file}", 0.05)
        with pytest.raises(DatabaseUnavailable):
            with_table(hasty)
        hasty.close()
        second = Database(f"sqlite:///{file}")
        opened = pool.submit(with_table, second)
        with pytest.raises(TimeoutError):
            opened.result(0.1)
        first.execute("COMMIT")
        assert count(opened.result(20)) == 0
        second.close()


@pytest.mark.parametrize(("kind", "level"), [(Database, 2), (Careless, 1)])
def test_what_must_survive_a_power_loss_is_flushed(tmp_path: Path, kind: type[Database], level: int) -> None:
    database = kind(f"sqlite:///{tmp_path}/some.db")
    with database.reading() as reader:
        assert reader.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert reader.execute(text("PRAGMA synchronous")).scalar_one() == level
    database.close()


def test_the_directory_that_is_made_is_the_owners(tmp_path: Path) -> None:
    with_table(Database(f"sqlite:///{tmp_path}/new/some.db")).close()
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "url", ["", "no url", "mysql://user:secret@host/db", "sqlite:////proc/none/some.db", "sqlite:////proc/version"]
)
def test_an_unusable_url_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(DatabaseUnavailable) as caught:
        with_table(Database(url))
    assert "secret" not in str(caught.value)


def test_only_one_at_a_time_has_a_turn(postgres: PostgresServer) -> None:
    database = with_table(Database(postgres.database()))
    waiting = threading.Event()

    def second() -> None:
        with database.writing() as connection:
            waiting.set()
            database.wait_for_turn(connection, 7)
            connection.execute(text("INSERT INTO things SELECT 'after ' || count(*) FROM things"))

    with database.writing() as connection:
        database.wait_for_turn(connection, 7)
        thread = threading.Thread(target=second)
        thread.start()
        assert waiting.wait(10)
        connection.execute(text("INSERT INTO things VALUES ('first')"))
    thread.join(10)
    with database.reading() as connection:
        assert connection.execute(text("SELECT name FROM things ORDER BY name")).scalars().all() == ["after 1", "first"]
    database.close()


def test_a_server_that_is_away_is_said_to_be(own_postgres: PostgresServer) -> None:
    database = with_table(Database(own_postgres.database()))
    own_postgres.stop()
    with pytest.raises(DatabaseUnavailable) as caught:
        count(database)
    assert str(own_postgres.port) not in str(caught.value)
    own_postgres.start()
    assert count(database) == 0
    database.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_server_that_hangs_is_waited_for_no_longer_than_said(own_postgres: PostgresServer) -> None:
    database = with_table(Database(own_postgres.database(), wait_seconds=0.5))
    own_postgres.freeze()  # new connections hang; the one in the pool has its own process and answers
    with database.reading() as first:
        first.execute(text("SELECT 1"))
        with pytest.raises(DatabaseUnavailable), database.reading():
            raise AssertionError("there was a second connection")
    own_postgres.thaw()
    assert count(database) == 0
    database.close()
    gc.collect()  # pg8000 leaves the socket of a failed handshake to the collector, which warns: now, not later


@pytest.mark.parametrize("mode", ["require", "verify-full"])
def test_encryption_that_is_asked_for_is_not_done_without(postgres: PostgresServer, mode: str) -> None:
    database = Database(f"{postgres.database()}?sslmode={mode}")
    with pytest.raises(DatabaseUnavailable):  # the test's server speaks no TLS
        with_table(database)
    database.close()


def test_a_mode_that_allows_plain_text_is_understood(postgres: PostgresServer) -> None:
    with_table(Database(f"{postgres.database()}?sslmode=disable")).close()
