"""The administration reads the ledger that is in force, and lets go of the one before."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.accounting.ledger import Ledger
from gateway.admin.archive import Archive, LedgerAway


async def test_it_is_opened_once_and_again_for_another(tmp_path: Path) -> None:
    archive = Archive()
    urls = [f"sqlite:///{tmp_path}/{name}.db" for name in "ab"]
    first = await archive.ask(urls[0], lambda ledger: ledger)
    assert await archive.ask(urls[0], lambda ledger: ledger) is first
    assert await archive.ask(urls[1], lambda ledger: ledger) is not first
    archive.close()
    archive.close()


async def test_what_cannot_be_read_can_be_asked_again(tmp_path: Path) -> None:
    archive, url = Archive(), f"sqlite:///{tmp_path}/a.db"
    (tmp_path / "a.db").mkdir()
    with pytest.raises(LedgerAway):
        await archive.ask(url, Ledger.positions)
    (tmp_path / "a.db").rmdir()
    assert await archive.ask(url, Ledger.positions) == {}
    archive.close()
