"""The rows: the same on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.conversations.table import GivenUp, Row, Table
from gateway.stores.seal import Label
from gateway.stores.sql import DatabaseUnavailable

NOW = 1_800_000_000


@pytest.fixture
def table(sql_url: str) -> Iterator[Table]:
    opened = Table.open(sql_url, 10)
    yield opened
    opened.close()


def row(response_id: str = "resp_1", owner: str = "dev", expires: int = NOW + 60) -> Row:
    return Row(Label(response_id, owner, "local", expires), b"\x00sealed\xff")


def put(table: Table, *rows: Row) -> None:
    for one in rows:
        table.put(one, unless=lambda: False)


def test_a_row_comes_back_as_it_was(table: Table) -> None:
    put(table, row(), row("resp_2", "other"))
    assert table.get("resp_1") == row()
    assert table.get("resp_2") == row("resp_2", "other")
    assert table.get("resp_3") is None


def test_an_id_is_given_once(table: Table) -> None:
    put(table, row())
    with pytest.raises(DatabaseUnavailable):
        put(table, row(owner="other"))
    assert table.get("resp_1") == row()


def test_only_its_owner_deletes_it_and_only_once(table: Table) -> None:
    put(table, row())
    assert not table.delete("resp_1", "other", after=NOW)
    assert not table.delete("resp_1", "dev", after=NOW + 60)  # it has expired by then
    assert table.get("resp_1") is not None
    assert table.delete("resp_1", "dev", after=NOW)
    assert not table.delete("resp_1", "dev", after=NOW)
    assert table.get("resp_1") is None


def test_what_has_expired_is_purged_and_nothing_else(table: Table) -> None:
    put(table, row("resp_1", expires=NOW - 1), row("resp_2", expires=NOW), row("resp_3", expires=NOW + 1))
    assert table.purge(NOW) == 2
    assert [table.get(f"resp_{number}") is not None for number in (1, 2, 3)] == [False, False, True]


def test_what_nobody_waits_for_is_not_written(table: Table) -> None:
    with pytest.raises(GivenUp):
        table.put(row(), unless=lambda: True)
    assert table.get("resp_1") is None


def test_workers_that_open_it_together_find_one_table(sql_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        tables = [done.result() for done in [pool.submit(Table.open, sql_url, 10) for _ in range(4)]]
    put(tables[0], row())
    assert [table.get("resp_1") for table in tables] == [row()] * 4
    for table in tables:
        table.close()


def test_what_cannot_be_opened_is_said() -> None:
    with pytest.raises(DatabaseUnavailable):
        Table.open("sqlite:////proc/none/state.db", 1)
