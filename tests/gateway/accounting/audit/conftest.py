"""A gateway's journal, its drain, and the database behind them; what is written with it can be tampered with."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.accounting.ledger import Ledger
from tests.gateway.accounting.audit.site import Site

OpenSite = Callable[[str], Site]


@pytest.fixture
def open_site(ledger: Ledger, tmp_path: Path) -> Iterator[OpenSite]:
    """Replicas on one database, by name of their state directory."""
    opened: list[Site] = []

    def start(name: str) -> Site:
        opened.append(Site(tmp_path / name, ledger))
        return opened[-1]

    yield start
    for site in opened:
        site.close()


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[Path]:
    """For as many replicas as a test makes."""
    return (tmp_path / f"site{number}" for number in itertools.count())


@pytest.fixture
def site(open_site: OpenSite) -> Site:
    return open_site("one")
