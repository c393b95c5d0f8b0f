"""If these fail, a key that was revoked still opens, or one that is good does not because a database is away."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from gateway.access.directory import Directory
from gateway.access.keys import Keyring
from gateway.access.registry import Made
from gateway.access.store import AccessStore
from gateway.access.terms import KeyTerms, TeamTerms
from gateway.stores.link import StoreFault
from gateway.wire.errors import Conflict, Unavailable, WrongKey
from tests.gateway.access.samples import NOW, SECRET, hand, registry
from tests.harness.wait import until
from tests.servers.postgres import PostgresServer

Open = Callable[..., Directory]
QUICK = 0.01  # seconds between two questions


@pytest.fixture
async def open_directory() -> AsyncIterator[Open]:
    opened: list[Directory] = []

    def opening(url: str, secret: str = SECRET, faults: list[str] | None = None) -> Directory:
        on_fault = (faults if faults is not None else []).append
        opened.append(Directory(url, secret, time.monotonic, on_fault, seconds=QUICK))
        return opened[-1]

    yield opening
    for directory in opened:
        await directory.close()


async def known(holds: Callable[[], bool]) -> None:
    await asyncio.to_thread(until, "the change to be known", holds, 10)


def made_elsewhere(url: str, name: str) -> Made:
    """By another process, as far as a worker can tell."""
    store = AccessStore.open(url)
    try:
        return registry(store).new_key(name, KeyTerms(), None, hand())
    finally:
        store.close()


def revoked_elsewhere(url: str, name: str) -> None:
    store = AccessStore.open(url)
    try:
        registry(store).revoke_key(name, hand())
    finally:
        store.close()


def names(directory: Directory) -> set[str]:
    assert directory.shelf is not None
    return {held.key.name for held in directory.shelf.held.values()}


async def test_what_others_change_is_known_soon(open_directory: Open, sql_url: str) -> None:
    directory = open_directory(sql_url)
    directory.start()
    directory.start()
    ring = Keyring([], known=directory, clock=lambda: NOW)
    made = await asyncio.to_thread(made_elsewhere, sql_url, "ann")
    await known(lambda: directory.shelf is not None and names(directory) == {"ann"})
    assert ring.identify(made.secret.encode()).name == "ann"
    await asyncio.to_thread(revoked_elsewhere, sql_url, "ann")
    await known(lambda: not names(directory))
    with pytest.raises(WrongKey):
        ring.identify(made.secret.encode())


async def test_what_is_changed_here_is_in_force_here_at_once(open_directory: Open, sql_url: str) -> None:
    directory = open_directory(sql_url)
    ring = Keyring([], known=directory, clock=lambda: NOW)
    made = await directory.change(lambda store, _: registry(store).new_key("ann", KeyTerms(), None, hand()))
    assert ring.identify(made.secret.encode()).name == "ann"
    await directory.change(lambda store, _: registry(store).revoke_key("ann", hand()))
    with pytest.raises(WrongKey):
        ring.identify(made.secret.encode())
    with pytest.raises(Conflict):
        await directory.change(lambda store, _: registry(store).new_key("ann", KeyTerms(), None, hand()))


async def test_where_nothing_was_ever_made_no_database_is_asked(open_directory: Open, tmp_path: Path) -> None:
    directory = open_directory(f"sqlite:///{tmp_path}/access.db")
    assert directory.shelf is not None
    await directory.refresh()
    assert await asyncio.to_thread(os.listdir, tmp_path) == []
    with pytest.raises(WrongKey):
        Keyring([], known=directory).identify(b"tg-anything")


def test_where_nothing_was_ever_made_a_worker_has_no_sqlalchemy(tmp_path: Path) -> None:
    """It would cost each worker some 40 MB."""
    program = (
        "import asyncio, sys, time\n"
        "from gateway.access.directory import Directory\n"
        f"directory = Directory('sqlite:///{tmp_path}/access.db', 'secret', time.monotonic)\n"
        "asyncio.run(directory.refresh())\n"
        "assert not {'sqlalchemy', 'pydantic', 'sqlite3'} & set(sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


async def test_while_the_database_is_away_what_was_known_holds(
    open_directory: Open, own_postgres: PostgresServer
) -> None:
    url = own_postgres.database()
    faults: list[str] = []
    directory = open_directory(url, faults=faults)
    made = await directory.change(lambda store, _: registry(store).new_key("ann", KeyTerms(), None, hand()))
    own_postgres.stop()
    ring = Keyring([], known=directory, clock=lambda: NOW)
    with pytest.raises(StoreFault):
        await directory.refresh()
    assert ring.identify(made.secret.encode()).name == "ann"
    with pytest.raises(WrongKey):
        ring.identify(b"tg-wrong")
    with pytest.raises(Unavailable) as caught:
        await directory.change(lambda store, _: registry(store).revoke_key("ann", hand()))
    assert caught.value.retry_after
    assert faults
    newcomer = Keyring([], known=open_directory(url), clock=lambda: NOW)
    with pytest.raises(Unavailable, match="cannot be looked up now"):  # which is not "wrong key"
        newcomer.identify(made.secret.encode())
    own_postgres.start()
    directory.start()
    second = await asyncio.to_thread(made_elsewhere, url, "bob")
    await known(lambda: names(directory) == {"ann", "bob"})
    assert ring.identify(second.secret.encode()).name == "bob"


async def test_keys_of_another_secret_open_nothing_and_the_log_says_so(
    open_directory: Open, sql_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    made = await asyncio.to_thread(made_elsewhere, sql_url, "ann")
    directory = open_directory(sql_url, "another")
    await directory.refresh()
    assert names(directory) == set()
    assert "1 stored keys were made with another `access.secret`" in caplog.text
    with pytest.raises(WrongKey):
        Keyring([], known=directory).identify(made.secret.encode())


async def test_only_what_changes_is_read_again(open_directory: Open, sql_url: str) -> None:
    def many(store: AccessStore) -> None:
        register = registry(store)
        for number in range(300):
            register.new_key(f"k{number}", KeyTerms(team="lab"), None, hand())
        register.new_team("lab", TeamTerms(locality="local"), hand())

    directory = open_directory(sql_url)
    await directory.ask(many)
    await directory.refresh()
    before = directory.shelf
    assert before is not None
    assert len(before.held) == 300
    await directory.change(lambda store, _: registry(store).revoke_key("k7", hand()))
    after = directory.shelf
    assert after is not None
    assert len(after.held) == 299
    assert all(after.names[name] is key for name, key in before.names.items() if name != "k7"), "all were read again"
